"""What walls wear: paint from white to black, paper, brick, boards, concrete, checks; and tiles where walls are wet."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.color import lab_to_srgb, lch_to_lab, srgb_to_linear
from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.materials import Texture
from wallpaint.rooms.scene.palette import WOODS


@dataclass(frozen=True, eq=False)
class Finish:
    """Mean colour (3,) linear, and a texture around 1 by which it is multiplied; `name` as in ``Surface.finish``."""

    name: str
    color: np.ndarray
    relief: Texture


def white(rng: np.random.Generator) -> np.ndarray:
    """(3,) linear: from bright white to the cream and grey of unpainted plaster."""
    lab = lch_to_lab(np.array([rng.uniform(80, 96), rng.gamma(1.5, 1.6), rng.normal(85, 35)]))
    return np.clip(srgb_to_linear(np.clip(lab_to_srgb(lab), 0, 1)), 0.3, 0.9)


def tinted(rng: np.random.Generator) -> np.ndarray:
    """(3,) linear: colours as people paint walls, pale ones oftener than dark."""
    lab = lch_to_lab(np.array([25 + 67 * rng.beta(2.2, 1.1), 3 + 52 * rng.beta(1.2, 2.2), rng.uniform(0, 360)]))
    return np.clip(srgb_to_linear(np.clip(lab_to_srgb(lab), 0, 1)), 0.02, 0.88)


def painted(rng: np.random.Generator, color: np.ndarray) -> Finish:
    """Rolled, trowelled, stained or patched."""
    relief = textures.plaster(rng, rng.uniform(0.003, 0.03)).pixels
    if rng.random() < 0.2:
        stains = textures.fractal(rng, 512, 512, 5, (2, 2))[..., None]
        relief = relief * (1 - rng.uniform(0.05, 0.3) * np.clip(stains * 2 - 1, 0, 1))
    return Finish("paint", color, _normalised(relief, (3.1, 3.1)))


def patterned(rng: np.random.Generator) -> Finish:
    """Anything but plain paint."""
    kind = str(
        rng.choice(
            ["wallpaper", "brick", "boards", "concrete", "checks", "stripes"], p=[0.4, 0.2, 0.15, 0.1, 0.08, 0.07]
        )
    )
    if kind == "wallpaper":
        ground = white(rng) if rng.random() < 0.5 else tinted(rng)
        figure = ground * np.exp(rng.normal(0, 0.35, 3) * 0.5 + rng.normal(0, 0.5))
        side = rng.uniform(0.4, 1.2)
        return _of(kind, textures.wallpaper(rng, ground, np.clip(figure, 0.02, 0.88)), (side, side))
    if kind == "brick":
        color = white(rng) if rng.random() < 0.4 else np.array([0.35, 0.14, 0.08]) * rng.uniform(0.6, 1.3)
        pixels = textures.tiles(rng, color, 3, 3.0, joint=0.03) * (0.85 + 0.3 * rng.random((512, 512, 1)))
        return _of(kind, pixels, (0.75, 0.6))
    if kind == "boards":
        color = white(rng) if rng.random() < 0.5 else WOODS[rng.integers(len(WOODS))]
        boards = textures.planks(rng, color, 6, 1.0)
        upright = rng.random() < 0.6
        return _of(kind, boards.pixels.transpose(1, 0, 2) if upright else boards.pixels, boards.size)
    if kind == "concrete":
        cloud = 0.75 + 0.5 * textures.fractal(rng, 512, 512, 6, (2, 2))[..., None]
        return _of(kind, np.ones(3) * rng.uniform(0.15, 0.5) * cloud, (3.0, 3.0))
    ground, figure, count = white(rng), tinted(rng), int(rng.integers(2, 5))
    y, x = (np.mgrid[:256, :256] * 2 * count // 256) % 2
    share = (x ^ y if kind == "checks" else x)[..., None].astype(float)
    side = rng.uniform(0.5, 1.6)
    return _of(kind, ground * (1 - share) + figure * share, (side, side))


def tiled(rng: np.random.Generator) -> Texture:
    """Ceramic tiles for kitchens and bathrooms, white as often as not."""
    color = white(rng) if rng.random() < 0.6 else tinted(rng)
    across, aspect = int(rng.integers(1, 4)), float(rng.choice([1.0, 1.0, 2.0]))
    side = rng.uniform(0.35, 0.7)
    return Texture(textures.tiles(rng, color, across, aspect, joint=rng.uniform(0.008, 0.02)), (side, side))


def mural(rng: np.random.Generator, words: bool) -> Texture:
    """A poster of lettering, or a print."""
    if not words:
        return textures.art(rng)
    letters = np.zeros((192, 192), np.uint8)
    for row in range(int(rng.integers(1, 5))):
        word = "".join(rng.choice(list("ABEHILMNORSTUVWX"), int(rng.integers(2, 6))))
        size = rng.uniform(0.8, 1.8)
        cv2.putText(letters, word, (10, 45 + 42 * row), cv2.FONT_HERSHEY_DUPLEX, size, 255, 4, cv2.LINE_AA)
    ground = white(rng) if rng.random() < 0.6 else tinted(rng)
    ink = np.full(3, 0.03) if ground.mean() > 0.3 else white(rng)
    share = (letters / np.float32(255))[..., None]
    return Texture((ground * (1 - share) + ink * share).astype(np.float32), (1.0, 1.0))


def _of(name: str, pixels: np.ndarray, size: tuple[float, float]) -> Finish:
    color = np.clip(pixels.reshape(-1, 3).mean(0), 0.02, 0.88)
    return Finish(name, color, _normalised(pixels / color, size))


def _normalised(relief: np.ndarray, size: tuple[float, float]) -> Texture:
    small = cv2.resize(np.ascontiguousarray(relief, np.float32), (320, 320), interpolation=cv2.INTER_AREA)
    return Texture(np.ascontiguousarray(small / small.mean((0, 1))), size)
