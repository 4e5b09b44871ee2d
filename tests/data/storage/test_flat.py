"""The flat layout: pairs by name, splits by hash."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wallpaint.data.storage.file_pairs import pair_by_stem
from wallpaint.data.storage.flat import FlatFolder, measured, open_split, stored_splits
from wallpaint.errors import FileError, MissingFileError, WallpaintWarning


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_every_sample_is_in_one_split_and_more_photos_move_none(flat_set):
    train, validation = (open_split(flat_set, split, 0.4) for split in ("train", "validation"))
    names = [entry.name for folder in (train, validation) for entry in folder.entries]
    assert sorted(names) == ["attic", "bath", "cellar", "den", "entry"]
    touch(flat_set / "images/zoo.jpg", flat_set / "masks/zoo.png")
    assert {entry.name for entry in open_split(flat_set, "train", 0.4).entries} - {"zoo"} == {
        entry.name for entry in train.entries
    }


def test_pictures_and_depth_are_read(flat_set):
    Image.fromarray(np.full((160, 240), 65535, np.uint16)).save(flat_set / "a.png")
    (flat_set / "depth").mkdir()
    (flat_set / "a.png").rename(flat_set / "depth/attic.png")
    folder = FlatFolder(flat_set, "train", 0)
    assert [entry.depth for entry in folder.entries] == ["depth/attic.png", None, None, None, None]
    pictures = folder.read(folder.entries[0])
    assert pictures.image.shape == (160, 240, 3)
    assert pictures.depth.min() == 1


def test_what_has_no_partner_is_left_out_and_said(flat_set):
    touch(flat_set / "images/zoo.jpg")
    with pytest.warns(WallpaintWarning, match="1 of train without mask left out, zoo first"):
        folder = FlatFolder(flat_set, "train", 0)
    assert len(folder) == 5
    assert len(FlatFolder(flat_set, "validation", 0)) == 0


def test_quality_is_measured_once_asked_for(flat_set):
    folder = FlatFolder(flat_set, "train", 0)
    entry = folder.entries[0]
    assert entry.quality_score is None
    assert measured(folder, entry).quality_score > 0.6
    (flat_set / entry.mask).write_bytes(b"no picture")
    assert measured(folder, entry).quality_score == 0


def test_a_folder_that_is_no_dataset_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="there is no dataset here"):
        stored_splits(tmp_path)


def test_masks_may_say_that_they_are_masks_and_lie_beside_the_photos(tmp_path):
    touch(*(tmp_path / name for name in ("a.jpg", "a.mask.png", "b.jpg", "b_mask.png", "c-mask.png", "notes.txt")))
    pairing = pair_by_stem(tmp_path, tmp_path)
    assert {stem: (image.name, mask.name) for stem, (image, mask) in pairing.pairs.items()} == {
        "a": ("a.jpg", "a.mask.png"),
        "b": ("b.jpg", "b_mask.png"),
    }
    assert pairing.images_alone == ()
    assert pairing.masks_alone == ("c",)


def test_two_photos_of_one_name_are_refused(tmp_path):
    touch(tmp_path / "images/a.jpg", tmp_path / "images/a.png", tmp_path / "masks/a.png")
    with pytest.raises(FileError, match=r"a\.jpg would be called a too"):
        pair_by_stem(tmp_path / "images", tmp_path / "masks")


def test_a_photo_may_show_a_mask(tmp_path):
    touch(tmp_path / "images/venetian_mask.jpg", tmp_path / "images/venetian.jpg", tmp_path / "masks/venetian.png")
    assert list(pair_by_stem(tmp_path / "images", tmp_path / "masks").pairs) == ["venetian"]


def test_a_split_that_lost_its_metadata_is_not_passed_over(photo_set):
    (photo_set / "validation/metadata.jsonl").unlink()
    assert stored_splits(photo_set) == ["train", "validation"]
    with pytest.raises(MissingFileError, match="not a split of a dataset"):
        open_split(photo_set, "validation")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="there is no such folder"):
        pair_by_stem(tmp_path / "images", tmp_path)


def test_names_that_differ_in_case_or_in_how_an_accent_is_written_go_together(tmp_path):
    touch(
        *(tmp_path / "images" / name for name in ("HALL.JPG", "caf\u00e9.jpg", "a.png", "B.png", "b.png", "alone.png"))
    )
    touch(
        *(tmp_path / "masks" / name for name in ("hall.png", "cafe\u0301.png", "a.png", "A.png", "B_mask.png", "C.png"))
    )
    pairing = pair_by_stem(tmp_path / "images", tmp_path / "masks")
    assert {stem: mask.name for stem, (_, mask) in pairing.pairs.items()} == {
        "HALL": "hall.png",
        "caf\u00e9": "cafe\u0301.png",
        "a": "a.png",
        "B": "B_mask.png",
    }
    assert pairing.images_alone == ("alone", "b")
    assert pairing.masks_alone == ("A", "C")
