"""Depth for a dataset: every image once."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.data import SplitFolder
from wallpaint.data.storage.file_pairs import pair_by_stem
from wallpaint.data.storage.flat import open_split
from wallpaint.data.tools.depth_pass import add_depth
from wallpaint.data.tools.import_photos import PhotoPair, import_photos


class Estimator:
    """The picture's green channel, and how often it was asked."""

    def __init__(self, stop_after=99):
        self.calls, self.stop_after = 0, stop_after

    def __call__(self, pixels):
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        self.calls += 1
        return pixels[..., 1].astype(np.float32) / 255


@pytest.fixture
def dataset(flat_set, tmp_path):
    paired = pair_by_stem(flat_set / "images", flat_set / "masks").pairs
    pairs = [PhotoPair(name, *files, "validation" if name == "den" else "train") for name, files in paired.items()]
    import_photos(pairs, tmp_path / "out")
    return tmp_path / "out"


def test_every_image_gets_its_depth(dataset):
    told = []
    assert add_depth(dataset, Estimator(), told.append) == 5
    assert sorted(told) == ["attic", "bath", "cellar", "den", "entry"]
    for entry, pictures in SplitFolder(dataset, "train"):
        assert entry.depth == f"depth/{entry.name}.png"
        np.testing.assert_allclose(pictures.depth, pictures.image[..., 1] / 255, atol=1e-4)


def test_a_stopped_pass_goes_on_where_it_was(dataset):
    with pytest.raises(KeyboardInterrupt):
        add_depth(dataset, Estimator(stop_after=2))
    assert {entry.depth for entry in SplitFolder(dataset, "train").entries} == {None}
    torn = next((dataset / "train/depth").glob("*.png"))
    torn.write_bytes(torn.read_bytes()[:-9])
    assert add_depth(dataset, Estimator()) == 4
    assert add_depth(dataset, Estimator()) == 0


def test_a_depth_map_that_was_given_is_kept(photo_set):
    estimator = Estimator()
    assert add_depth(photo_set, estimator) == 0
    assert estimator.calls == 0


def test_the_flat_layout_gets_its_depth_beside_the_images(flat_set):
    assert add_depth(flat_set, Estimator()) == 5
    assert add_depth(flat_set, Estimator()) == 0
    folder = open_split(flat_set, "train", 0)
    assert [entry.depth for entry in folder.entries] == [f"depth/{entry.name}.png" for entry in folder.entries]
