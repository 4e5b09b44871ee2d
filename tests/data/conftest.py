"""A room made of formulas, of any seed: enough for what does not look at pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic_room import BEIGE, DARK_GREEN, room, wall_alpha

from wallpaint.data import SPLITS, SplitWriter
from wallpaint.mask import mask_quality
from wallpaint.rooms import PaintableRoom

SIDE = 64


@pytest.fixture
def make_room():
    """``make_room(seed)``: the left five eighths wall, lit from the left, a box in front of it."""

    def make(seed, wallpaper=False):
        alpha = np.zeros((SIDE, SIDE), np.float32)
        alpha[:, :40] = 1
        alpha[30:50, 10:20] = 0
        light = np.linspace(1.1, 0.6, SIDE, dtype=np.float32)[None, :, None] * np.ones((SIDE, SIDE, 3), np.float32)
        b = light * (0.6 * alpha[..., None] + 0.05)
        depth = np.full((SIDE, SIDE), 4.0, np.float32)
        depth[30:50, 10:20] = 2
        return PaintableRoom(
            a=light * (1 - alpha[..., None]) * 0.3,
            b=b,
            c=0.3 * b,
            feedback=np.full(3, 0.4, np.float32),
            alpha=alpha,
            depth=depth,
            normal=np.zeros((SIDE, SIDE, 3), np.float32),
            albedo=np.full((SIDE, SIDE, 3), 0.4, np.float32),
            emitter=np.zeros((SIDE, SIDE), np.float32),
            exposure=1.0,
            seed=seed,
            wallpaper=0.4 * b if wallpaper else None,
        )

    return make


PAINTS = {
    "attic": BEIGE,
    "bath": DARK_GREEN,
    "cellar": (0.1, 0.2, 0.5),
    "den": (0.7, 0.7, 0.65),
    "entry": (0.5, 0.1, 0.1),
}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Both sets of `photo_set` and `flat_set`, to be copied."""
    root = tmp_path_factory.mktemp("sets")
    alpha = wall_alpha().astype(np.float32)
    depth = np.linspace(0, 1, alpha.size, dtype=np.float32).reshape(alpha.shape)
    writers = {split: SplitWriter(root / "photos", split) for split in SPLITS}
    for kind in ("images", "masks"):
        (root / "flat" / kind).mkdir(parents=True)
    for name, paint in PAINTS.items():
        photo = room(paint, noise=1)
        split = "validation" if name == "entry" else "train"
        writers[split].add(name, photo, alpha, depth, mask_quality(photo, alpha).score, name)
        Image.fromarray(photo).save(root / f"flat/images/{name}.jpg", quality=95)
        Image.fromarray(np.where(alpha > 0.5, 255, 0).astype(np.uint8)).save(root / f"flat/masks/{name}.png")
    return root


@pytest.fixture
def photo_set(made_once, tmp_path):
    """A dataset of five photos of one room in five paints, with depth: four to train on, one to validate."""
    return Path(shutil.copytree(made_once / "photos", tmp_path / "photos"))


@pytest.fixture
def flat_set(made_once, tmp_path):
    """The five photos in the flat layout, JPEG with hard masks, without depth."""
    return Path(shutil.copytree(made_once / "flat", tmp_path / "flat"))
