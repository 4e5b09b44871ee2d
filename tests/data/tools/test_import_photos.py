"""Photos from elsewhere: what is good is taken, what is not is counted, nothing is done twice."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from wallpaint.data import SplitFolder
from wallpaint.data.storage.file_pairs import pair_by_stem
from wallpaint.data.tools.import_photos import Admission, PhotoPair, import_photos
from wallpaint.errors import FileError, SettingError


@pytest.fixture
def pairs(flat_set):
    """Three good photos, one whose mask is speckled, one without wall, one that cannot be read."""
    salted = np.random.default_rng(0).random((160, 240)) < 0.5
    Image.fromarray(salted.astype(np.uint8) * 255).save(flat_set / "masks/bath.png")
    Image.fromarray(np.zeros((160, 240), np.uint8)).save(flat_set / "masks/cellar.png")
    (flat_set / "images/zoo.jpg").write_bytes(b"no picture")
    (flat_set / "masks/zoo.png").write_bytes(b"no picture")
    paired = pair_by_stem(flat_set / "images", flat_set / "masks").pairs
    return [
        PhotoPair(name, image, mask, "validation" if name == "den" else "train")
        for name, (image, mask) in paired.items()
    ]


def digests(root):
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).digest() for path in root.rglob("*.png")}


def names(root, split):
    return sorted(entry.name for entry in SplitFolder(root, split).entries)


DROPPED = Counter({"mask of a quality below 0.6": 1, "no wall": 1, "cannot be read": 1})


def test_good_photos_are_taken_and_the_others_counted(pairs, tmp_path):
    counts = import_photos(pairs, tmp_path / "out")
    assert (counts.made, counts.there, counts.dropped) == (3, 0, DROPPED)
    assert names(tmp_path / "out", "train") == ["attic", "entry"]
    assert names(tmp_path / "out", "validation") == ["den"]
    assert [note.partition(":")[0] for note in counts.notes] == [str(pairs[-1].image)]
    for entry, pictures in SplitFolder(tmp_path / "out", "train"):
        assert entry.quality_score > 0.6
        assert pictures.image.shape == (160, 240, 3)
        assert pictures.depth is None


def test_running_it_again_makes_nothing_and_counts_the_same(pairs, tmp_path):
    import_photos(pairs, tmp_path / "out")
    before = digests(tmp_path / "out")
    told = []
    counts = import_photos(pairs, tmp_path / "out", done=told.append)
    assert (counts.made, counts.there, counts.dropped) == (0, 3, DROPPED)
    assert sorted(told) == sorted(pair.name for pair in pairs)
    assert digests(tmp_path / "out") == before


def test_what_could_not_be_read_is_tried_again(pairs, flat_set, tmp_path):
    import_photos(pairs, tmp_path / "out")
    for kind in ("images/zoo.jpg", "masks/zoo.png"):
        (flat_set / kind).write_bytes((flat_set / kind.replace("zoo", "attic")).read_bytes())
    assert import_photos(pairs, tmp_path / "out").made == 1


def test_two_processes_make_the_same_as_one(pairs, tmp_path):
    import_photos(pairs, tmp_path / "one")
    counts = import_photos(pairs, tmp_path / "two", workers=2)
    assert (counts.made, counts.dropped) == (3, DROPPED)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert names(tmp_path / "two", "train") == ["attic", "entry"]


def test_a_run_killed_between_files_and_lines_goes_on(pairs, tmp_path):
    import_photos(pairs, tmp_path / "out")
    before = digests(tmp_path / "out")
    for file, cut in (("metadata.jsonl", 30), ("dropped.jsonl", 5)):
        path = tmp_path / "out/train" / file
        path.write_bytes(path.read_bytes()[:-cut])
    counts = import_photos(pairs, tmp_path / "out")
    assert (counts.made, counts.there, counts.dropped) == (1, 2, DROPPED)
    assert digests(tmp_path / "out") == before
    lines = (tmp_path / "out/train/dropped.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["name"] for line in lines) == ["bath", "cellar"]


def test_large_photos_are_reduced_with_their_masks(pairs, tmp_path):
    import_photos(pairs[:1], tmp_path / "out", admission=Admission(shorter_side=80))
    [(_, pictures)] = SplitFolder(tmp_path / "out", "train")
    assert pictures.image.shape == (80, 120, 3)
    assert pictures.mask.shape == (80, 120)


def test_too_little_wall_is_a_reason(pairs, tmp_path):
    counts = import_photos(pairs[:1], tmp_path / "out", admission=Admission(min_area=0.9))
    assert counts.dropped == {"wall on less than 90% of the picture": 1}


def test_another_admission_is_not_mixed_in(pairs, tmp_path):
    import_photos(pairs[:1], tmp_path / "out")
    with pytest.raises(SettingError, match=r"min_area was 0\.05"):
        import_photos(pairs, tmp_path / "out", admission=Admission(min_area=0.1))
    with pytest.raises(SettingError, match="another validation_share"):
        import_photos(pairs, tmp_path / "out", settings={"validation_share": 0.5})


def test_one_dataset_may_be_filled_from_several_places(pairs, tmp_path):
    import_photos(pairs[:1], tmp_path / "out")
    assert import_photos(pairs[-2:-1], tmp_path / "out", origin="ade20k", admission=Admission(0.5)).made == 1
    assert names(tmp_path / "out", "train") == ["attic", "entry"]


def test_a_damaged_list_of_what_was_dropped_is_named(pairs, tmp_path):
    import_photos(pairs, tmp_path / "out")
    (tmp_path / "out/train/dropped.jsonl").write_text("nonsense\n")
    with pytest.raises(FileError, match=r"dropped\.jsonl: this file is damaged"):
        import_photos(pairs, tmp_path / "out")
