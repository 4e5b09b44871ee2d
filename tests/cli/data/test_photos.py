"""``wallpaint data`` on photos, as a person runs it: imported, looked through, given depth, put into shards."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from synthetic_room import room, wall_alpha

from wallpaint.data import SplitFolder
from wallpaint.data.storage.flat import stored_splits
from wallpaint.data.storage.shards import shard_counts


@pytest.fixture
def photos(tmp_path):
    """Two photos with their masks beside them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, paint in (("attic", (0.46, 0.38, 0.28)), ("bath", (0.1, 0.2, 0.5))):
        Image.fromarray(room(paint, noise=1)).save(folder / f"{name}.jpg", quality=95)
        Image.fromarray((wall_alpha() * 255).astype(np.uint8)).save(folder / f"{name}.mask.png")
    return folder


@pytest.fixture
def dataset(photos, tmp_path, run):
    finished = run("data", "folder", photos, photos, "-o", tmp_path / "set", "--workers", 1, "--validation-share", 0)
    assert finished.code == 0
    return tmp_path / "set"


def test_photos_with_masks_beside_them_become_a_dataset(photos, tmp_path, run):
    Image.fromarray(np.zeros((160, 240, 3), np.uint8)).save(photos / "cellar.jpg")
    words = ("data", "folder", photos, photos, "-o", tmp_path / "set", "--workers", 1, "--validation-share", 0)
    first = run(*words)
    assert "1 photos without a mask, such as cellar" in first.err
    assert "2 made, 0 existed" in first.err
    assert "0 made, 2 existed" in run(*words).err
    assert len(SplitFolder(tmp_path / "set", "train")) == 2


def test_inverted_masks_can_be_said_to_be(photos, tmp_path, run):
    words = ("data", "folder", photos, photos, "--workers", 1, "--validation-share", 0)
    run(*words, "-o", tmp_path / "one")
    for path in photos.glob("*.mask.png"):
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    run(*words, "-o", tmp_path / "two", "--invert-masks")
    one, two = (SplitFolder(tmp_path / name, "train").read(entry) for name, entry in _first(tmp_path))
    np.testing.assert_array_equal(one.mask, two.mask)


def _first(tmp_path):
    return [(name, SplitFolder(tmp_path / name, "train").entries[0]) for name in ("one", "two")]


def test_what_is_dropped_is_counted_by_reason(photos, tmp_path, run):
    finished = run("data", "folder", photos, photos, "-o", tmp_path / "set", "--workers", 1, "--min-quality", 1)
    assert "2 dropped: mask of a quality below 1" in finished.err


def test_folders_that_do_not_match_say_so(photos, tmp_path, run):
    (tmp_path / "masks").mkdir()
    finished = run("data", "folder", photos, tmp_path / "masks", "-o", tmp_path / "set")
    assert finished.code == 2
    assert "no mask here has the name of a photo" in finished.err


def test_a_folder_that_is_not_ade20k_says_what_is_missing(photos, tmp_path, run):
    finished = run("data", "ade20k", photos, "-o", tmp_path / "set")
    assert finished.code == 2
    assert "annotations/training" in finished.err


def test_ade20k_becomes_a_dataset(photos, tmp_path, run):
    for split in ("training", "validation"):
        for kind in ("images", "annotations"):
            (tmp_path / "ade" / kind / split).mkdir(parents=True)
        Image.fromarray(room(noise=1)).save(tmp_path / f"ade/images/{split}/{split}.jpg", quality=95)
        Image.fromarray((wall_alpha() > 0.5).astype(np.uint8)).save(tmp_path / f"ade/annotations/{split}/{split}.png")
    assert "2 made" in run("data", "ade20k", tmp_path / "ade", "-o", tmp_path / "set", "--workers", 1).err
    assert stored_splits(tmp_path / "set") == ["train", "validation"]


def test_a_good_dataset_ends_with_0_and_draws_its_pictures(dataset, tmp_path, run):
    finished = run("data", "check", dataset, "--workers", 1, "--near", 0)
    assert finished.code == 0
    assert "0 faults" in finished.out
    assert "2 of 240 × 160" in finished.out
    assert Image.open(dataset / "check/histograms.png").width > 1000
    assert Image.open(dataset / "check/worst.png").size == (2 * 252 + 12, 160 + 54)


def test_faults_end_with_1_and_are_in_the_json(dataset, tmp_path, run):
    (dataset / "train/images/attic.png").write_bytes(b"no picture")
    finished = run("data", "check", dataset, "--json", "--workers", 1, "-o", tmp_path / "pictures")
    assert finished.code == 1
    found = json.loads(finished.out)
    assert len(found["faults"]) == 1
    assert "attic.png: this is text" in found["faults"][0]
    assert [sample["color"] is None for sample in found["samples"]] == [True, False]
    assert (tmp_path / "pictures/worst.png").exists()
    assert "1 faults:" in run("data", "check", dataset, "--workers", 1).out


def test_no_dataset_ends_with_2(tmp_path, run):
    finished = run("data", "check", tmp_path)
    assert finished.code == 2
    assert "there is no dataset here" in finished.err


def test_a_dataset_goes_into_shards(dataset, tmp_path, run):
    finished = run("data", "shards", dataset, "-o", tmp_path / "shards", "--per-shard", 1)
    assert "2 of train written" in finished.err
    assert list(shard_counts(tmp_path / "shards", "train").values()) == [1, 1]


def test_every_image_is_given_depth(dataset, run, monkeypatch):
    class Estimator:
        def __init__(self, model, device):
            assert model == "mine"

        def estimate(self, pixels):
            return pixels[..., 0].astype(np.float32) / 255

    stand_in = ModuleType("wallpaint.diffusion.vision.depth_estimation")
    stand_in.DepthEstimator = Estimator
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    words = ("data", "depth", dataset, "--model", "mine")
    assert "2 made, 0 existed" in run(*words).err
    assert "0 made, 2 existed" in run(*words).err
    assert all(pictures.depth is not None for _, pictures in SplitFolder(dataset, "train"))
