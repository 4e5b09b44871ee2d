"""ADE20K: its tree, its class numbers and its colours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from synthetic_room import room, wall_alpha

from wallpaint.data import SplitFolder
from wallpaint.data.tools.ade20k import ade20k_pairs, read_ade20k_wall
from wallpaint.data.tools.import_photos import import_photos
from wallpaint.errors import EmptyMaskError, FullMaskError, MaskSizeError, MissingFileError

WALL = wall_alpha() > 0.5
CLASSES = np.where(WALL, 1, 4).astype(np.uint8)  # wall, and floor
CLASSES[:5, :5] = 0  # of no class


def annotation(kind):
    if kind == "RGB":
        drawn = np.full((*WALL.shape, 3), (80, 50, 50), np.uint8)
        drawn[CLASSES == 1] = (120, 120, 120)
        drawn[-3:, -3:] = (120, 120, 121)
        return Image.fromarray(drawn)
    image = Image.fromarray(CLASSES)
    if kind == "P":
        image = image.convert("P")
        image.putdata(CLASSES.ravel().tolist())
        image.putpalette([0, 0, 0, 120, 120, 120, 1, 1, 1] + [0] * 750)
    return image


@pytest.fixture
def release(tmp_path):
    """Three photos of the scene parsing release's tree."""
    root = tmp_path / "ADEChallengeData2016"
    for split, name, kind in (
        ("training", "ADE_train_00000001", "L"),
        ("training", "ADE_train_00000002", "P"),
        ("validation", "ADE_val_00000001", "RGB"),
    ):
        for folder in ("images", "annotations"):
            (root / folder / split).mkdir(parents=True, exist_ok=True)
        Image.fromarray(room(noise=1)).save(root / f"images/{split}/{name}.jpg", quality=95)
        annotation(kind).save(root / f"annotations/{split}/{name}.png")
    return root


@pytest.mark.parametrize("kind", ["L", "P", "RGB"])
def test_the_wall_is_class_one_or_its_colour(tmp_path, kind):
    annotation(kind).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_ade20k_wall(tmp_path / "a.png", WALL.shape), CLASSES == 1)


def test_the_releases_own_splits_are_kept(release):
    expected = [
        ("ADE_train_00000001", "train"),
        ("ADE_train_00000002", "train"),
        ("ADE_val_00000001", "validation"),
    ]
    assert [(pair.name, pair.split) for pair in ade20k_pairs(release)] == expected
    assert [(pair.name, pair.split) for pair in ade20k_pairs(release.parent)] == expected


def test_its_photos_become_a_dataset(release, tmp_path):
    counts = import_photos(ade20k_pairs(release), tmp_path / "out", read_wall=read_ade20k_wall)
    assert counts.made == 3
    for _, pictures in SplitFolder(tmp_path / "out", "train"):
        np.testing.assert_array_equal(pictures.mask, CLASSES == 1)


@pytest.mark.parametrize(
    ("classes", "error"),
    [
        (np.zeros(WALL.shape, np.uint8), EmptyMaskError),
        (np.ones(WALL.shape, np.uint8), FullMaskError),
        (np.ones((20, 20), np.uint8), MaskSizeError),
    ],
)
def test_what_cannot_be_a_walls_mask_is_named(tmp_path, classes, error):
    Image.fromarray(classes).save(tmp_path / "a.png")
    with pytest.raises(error, match=r"a\.png"):
        read_ade20k_wall(tmp_path / "a.png", WALL.shape)


def test_another_folder_is_told_from_the_release(release):
    with pytest.raises(MissingFileError, match="this is not ADE20K"):
        ade20k_pairs(release / "images")


def test_photos_without_annotations_are_no_release(release):
    for path in (release / "annotations").rglob("*.png"):
        path.unlink()
    with pytest.raises(MissingFileError, match="Unpack the release again"):
        ade20k_pairs(release)
