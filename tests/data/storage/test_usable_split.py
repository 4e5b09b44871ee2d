"""Both splits hold samples wherever there is a choice, and the message says why where there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.data.samples.room_set import _splits_of
from wallpaint.data.storage.layout import Split, split_of
from wallpaint.data.storage.usable_split import usable_split
from wallpaint.errors import MissingFileError, SettingError
from wallpaint.photo import mask_png, png_bytes

SPLITS: tuple[Split, ...] = ("train", "validation")
EMPTY_BY_HASH = ["b", "c", "d"]  # at a share of a tenth, all of them fall into train


def flat(root, names):
    """A room of two colours for each name."""
    for kind in ("images", "masks"):
        (root / kind).mkdir(parents=True, exist_ok=True)
    wall = np.zeros((64, 64), np.float32)
    wall[:40] = 1
    photo = np.where(wall[..., None] > 0, 200, 60).astype(np.uint8).repeat(3, axis=-1)
    for name in names:
        (root / f"images/{name}.png").write_bytes(png_bytes(photo))
        (root / f"masks/{name}.png").write_bytes(mask_png(wall))
    return root


def split(root, names):
    """All of them in train/, with a quality each; nothing in validation/."""
    (root / "train").mkdir(parents=True)
    lines = [
        {
            "image": f"images/{name}.png",
            "mask": f"masks/{name}.png",
            "depth": None,
            "source": name,
            "quality_score": 0.9,
        }
        for name in names
    ]
    (root / "train/metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


def names_of(root, share=0.1, threshold=0.0):
    return [[entry.name for entry in usable_split(root, each, share, threshold).entries] for each in SPLITS]


def test_the_names_chosen_here_are_all_for_training():
    assert {split_of(name, 0.1) for name in EMPTY_BY_HASH} == {"train"}


@pytest.mark.parametrize("make", [flat, split])
def test_a_dataset_that_a_hash_leaves_without_validation_has_one_scene_of_it(tmp_path, make):
    train, validation = names_of(make(tmp_path, EMPTY_BY_HASH))
    assert len(validation) == 1
    assert sorted(train + validation) == EMPTY_BY_HASH


def test_quality_counts_before_one_is_held_out(tmp_path):
    root = flat(tmp_path, EMPTY_BY_HASH)
    held_out = names_of(root)[1][0]
    (root / f"masks/{held_out}.png").write_bytes(b"no picture")
    train, validation = names_of(root, threshold=0.1)
    assert len(train) == len(validation) == 1
    assert held_out not in train + validation


@given(names=st.sets(st.text("abcdefgh", min_size=1, max_size=3), min_size=2, max_size=12), share=st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_no_split_is_empty_and_no_scene_in_both(names, share, tmp_path_factory):
    train, validation = names_of(split(tmp_path_factory.mktemp("set"), names), share)
    assert train
    assert validation
    assert sorted(train + validation) == sorted(names)


def test_all_views_of_a_scene_are_held_out_together(tmp_path):
    root = split(tmp_path, EMPTY_BY_HASH)
    metadata = root / "train/metadata.jsonl"
    text = metadata.read_text()
    metadata.write_text(text + text.replace(".png", "-again.png"))
    train, validation = names_of(root)
    assert len(validation) == 2
    assert {name.removesuffix("-again") for name in validation}.isdisjoint(name[0] for name in train)


@pytest.mark.parametrize("name", ["b", "attic", "cellar", "w"])
def test_one_photo_is_trained_on_and_that_is_why_none_is_left_to_validate_on(tmp_path, name):
    root = flat(tmp_path, [name])
    assert len(usable_split(root, "train", 0.5, 0).entries) == 1
    with pytest.raises(SettingError, match=r"left for validation: the only one is trained on.*validation\.every to 0"):
        usable_split(root, "validation", 0.5, 0)


@pytest.mark.parametrize(("share", "empty"), [(0.0, "validation"), (1.0, "train")])
def test_a_share_of_nothing_or_all_holds_nothing_out(tmp_path, share, empty):
    root = flat(tmp_path, EMPTY_BY_HASH)
    other = "train" if empty == "validation" else "validation"
    assert len(usable_split(root, other, share, 0).entries) == 3
    with pytest.raises(SettingError, match=f"no sample is in {empty} at a validation_share of {share:g}"):
        usable_split(root, empty, share, 0)


def test_pictures_that_cannot_be_read_are_not_called_masks_of_low_quality(tmp_path):
    root = flat(tmp_path, EMPTY_BY_HASH)
    for name in EMPTY_BY_HASH:
        (root / f"images/{name}.png").write_bytes(b"no picture")
    with pytest.raises(SettingError, match=r"none of 3 samples in train can be used.*images/b\.png: "):
        usable_split(root, "train", 0.1, 0.6)


def test_masks_of_low_quality_are(tmp_path):
    root = split(tmp_path, EMPTY_BY_HASH)
    with pytest.raises(SettingError, match=r"no sample of 3 in train has a mask of quality 0\.95 or better"):
        usable_split(root, "train", 0.1, 0.95)


def test_no_dataset_is_said_to_be_none(tmp_path):
    with pytest.raises(MissingFileError, match="there is no dataset here"):
        usable_split(tmp_path, "validation", 0.1, 0)


@given(seeds=st.sets(st.integers(0, 8999), min_size=2, max_size=6), share=st.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_rooms_are_split_so_too(seeds, share):
    assert set(_splits_of(sorted(seeds), share).values()) == {"train", "validation"}
