"""What a look through a dataset finds."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic_room import room, wall_alpha

from wallpaint.data import RoomAugmentation, SplitWriter, draw_shot
from wallpaint.data.tools.check import NEAR, check_dataset, find_near_duplicates
from wallpaint.data.tools.check_pictures import histogram_figure, wall_labs, worst_sheet
from wallpaint.data.tools.inspect_sample import Look, fingerprint
from wallpaint.errors import MissingFileError
from wallpaint.rooms import starter_rooms


@pytest.fixture(scope="module")
def rooms():
    """(256, 256, 3) uint8 each: different rooms."""
    return [
        draw_shot(paintable, 256, RoomAugmentation(), np.random.default_rng(0)).target
        for paintable in starter_rooms()[:5]
    ]


@pytest.fixture(scope="module")
def clean_once(rooms, tmp_path_factory):
    root, mask = tmp_path_factory.mktemp("clean"), np.tri(256, dtype=np.float32)
    writers = {split: SplitWriter(root, split) for split in ("train", "validation")}
    for number, picture in enumerate(rooms):
        writers["train" if number < 4 else "validation"].add(f"room{number}", picture, mask, None, 0.7, f"room{number}")
    return root


@pytest.fixture
def clean_set(clean_once, tmp_path):
    """Four different rooms to train on and one to validate."""
    return Path(shutil.copytree(clean_once, tmp_path / "clean"))


def jpeg(picture, quality=60):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def lines(root, split="train"):
    return [json.loads(line) for line in (root / split / "metadata.jsonl").read_text().splitlines()]


def write_lines(root, entries, split="train"):
    (root / split / "metadata.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def test_a_clean_dataset_has_no_fault(clean_set):
    check = check_dataset(clean_set)
    assert check.faults == []
    assert check.near_duplicates == []
    assert check.counts == {"train": 4, "validation": 1}
    assert check.sizes == {(256, 256): 5}
    assert len(wall_labs(check.looks)) == 5


def test_each_faulty_file_is_named_with_its_fault(clean_set):
    (clean_set / "train/images/room0.png").write_bytes(b"no picture")
    (clean_set / "train/masks/room1.png").unlink()
    Image.fromarray(np.tri(128, dtype=np.uint8) * 255).save(clean_set / "train/masks/room2.png")
    Image.fromarray(np.zeros((256, 256), np.uint8)).save(clean_set / "train/masks/room3.png")
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(clean_set / "train/images/stranger.png")
    write_lines(clean_set, lines(clean_set, "validation") * 2, "validation")
    faults = "\n".join(check_dataset(clean_set).faults)
    assert "images/room0.png: this is text, not a picture" in faults
    assert "masks/room1.png: there is no such file" in faults
    assert "masks/room2.png: the mask is 128 × 128, the image 256 × 256" in faults
    assert "masks/room3.png: the mask covers no pixel" in faults
    assert "images/stranger.png: no line of the metadata mentions it" in faults
    assert "room4 has 2 lines" in faults


def test_a_wall_too_small_to_tell_its_colour_is_a_fault(clean_set):
    speck = np.zeros((256, 256), np.uint8)
    speck[:9, :9] = 255
    Image.fromarray(speck).save(clean_set / "train/masks/room0.png")
    assert "fewer than 100 pixels are wall" in check_dataset(clean_set).faults[0]


def test_a_scene_in_two_splits_is_a_leak(clean_set):
    (entry,) = lines(clean_set, "validation")
    write_lines(clean_set, [{**entry, "source": "room0"}], "validation")
    assert check_dataset(clean_set).faults == ["room0 is in two splits. Keep it in one."]


@pytest.mark.parametrize("split", ["train", "validation"])
def test_the_same_picture_saved_again_is_a_near_duplicate_and_across_splits_a_leak(clean_set, rooms, split):
    copy = np.clip(jpeg(rooms[0])[2:-2, 2:-2].astype(int) + 9, 0, 255).astype(np.uint8)
    SplitWriter(clean_set, split).add("copy", copy, np.tri(252, dtype=np.float32), None, 0.7, "copy")
    check = check_dataset(clean_set)
    (pair,) = check.near_duplicates
    assert {pair.one, pair.other} == {f"{split}/copy", "train/room0"}
    assert pair.leak == (split == "validation") == bool(check.faults)


def test_samples_of_one_scene_may_be_alike(clean_set, rooms):
    SplitWriter(clean_set, "train").add("again", rooms[0], np.tri(256, dtype=np.float32), None, 0.7, "room0")
    assert check_dataset(clean_set).near_duplicates == []


def test_different_rooms_are_far_apart_and_the_same_saved_again_is_near(rooms):
    prints = [fingerprint(picture) for picture in rooms]
    apart = [np.sum(prints[i] != prints[j]) for i in range(5) for j in range(i)]
    assert min(apart) > 2 * NEAR
    assert all(np.sum(one != fingerprint(jpeg(picture))) <= NEAR for one, picture in zip(prints, rooms, strict=True))


def test_near_duplicates_are_found_across_blocks_as_by_hand():
    rng = np.random.default_rng(0)
    bits = rng.random((1500, 64)) < 0.5
    bits[1400] = bits[3]
    bits[1400, :5] ^= True
    looks = [Look("train", f"{number:04d}", f"{number}", fingerprint=row) for number, row in enumerate(bits)]
    (pair,) = find_near_duplicates(looks, 8)
    assert (pair.one, pair.other, pair.distance) == ("train/0003", "train/1400", 5)


def test_a_photo_without_its_mask_is_a_fault_of_the_flat_layout(flat_set):
    (flat_set / "masks/attic.png").unlink()
    (flat_set / "images/bath.jpg").unlink()
    faults = check_dataset(flat_set).faults
    assert any("attic has no mask" in fault for fault in faults)
    assert any("bath has no image" in fault for fault in faults)


def test_several_processes_find_the_same(clean_set):
    one, two = check_dataset(clean_set), check_dataset(clean_set, workers=2)
    assert [(look.name, look.quality, look.color) for look in one.looks] == [
        (look.name, look.quality, look.color) for look in two.looks
    ]


def test_the_worst_come_first_on_the_sheet(photo_set):
    mask = np.random.default_rng(0).random((160, 240)) < 0.5
    SplitWriter(photo_set, "train").add("speckled", room(), mask.astype(np.float32), None, 0.1, "speckled")
    check = check_dataset(photo_set)
    assert check.worst(1)[0].name == "speckled"
    sheet = worst_sheet(photo_set, check, count=4)
    assert sheet.shape[2] == 3
    assert (sheet == (255, 0, 255)).all(axis=-1).sum() > 100


def test_the_figure_has_the_walls_colours(photo_set):
    check = check_dataset(photo_set)
    figure = histogram_figure(check)
    attic = np.array(next(look.color for look in check.looks if look.name == "attic"))
    assert np.abs(figure.astype(int) - attic).max(axis=-1).min() <= 1


def test_no_dataset_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="there is no dataset here"):
        check_dataset(tmp_path)


def test_wall_colours_are_the_walls(photo_set):
    check = check_dataset(photo_set)
    look = next(look for look in check.looks if look.name == "cellar")
    np.testing.assert_allclose(look.color, np.median(room((0.1, 0.2, 0.5))[wall_alpha() > 0.5], axis=0), atol=3)
