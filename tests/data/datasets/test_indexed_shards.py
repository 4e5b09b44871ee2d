"""Shards by number: the folder's samples in the folder's order, whatever is asked for first."""

from __future__ import annotations

import pytest
import torch

from wallpaint.data import IndexedWallDataset, WallInpaintingDataset
from wallpaint.data.storage.shard_index import index_shards
from wallpaint.data.storage.shards import read_shard, shard_counts, write_shards
from wallpaint.errors import FileError, MissingFileError, SettingError


def test_any_sample_can_be_read_without_those_before_it(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out", per_shard=3)
    counts = shard_counts(tmp_path / "out", "train")
    one_by_one = {sample.name: sample for path, count in counts.items() for sample in read_shard(path, count)}
    indexed = index_shards(tmp_path / "out", "train")
    assert [sample.name for sample in indexed] == sorted(one_by_one)
    for sample in reversed(indexed):
        assert sample.read() == one_by_one[sample.name]


def test_samples_are_those_of_the_folder_in_its_order(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out", per_shard=2)
    folder, indexed = (
        WallInpaintingDataset(photo_set, size=64, seed=3),
        IndexedWallDataset(tmp_path / "out", size=64, seed=3),
    )
    for dataset in (folder, indexed):
        dataset.set_epoch(2)
    assert len(indexed) == len(folder) == 4
    for index in (3, 0, 2, 1):
        found, expected = indexed[index], folder[index]
        assert found["name"] == expected["name"]
        assert all(torch.equal(found[key], expected[key]) for key in found if key != "name")


def test_a_shard_cut_short_is_named(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out")
    [(path, _)] = shard_counts(tmp_path / "out", "train").items()
    path.write_bytes(path.read_bytes()[:4096])
    with pytest.raises(FileError, match=r"shard-00000\.\w+: this shard"):
        index_shards(tmp_path / "out", "train")


def test_a_shard_that_goes_away_or_shrinks_while_it_is_used_is_named(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out")
    [path] = shard_counts(tmp_path / "out", "train")
    last = index_shards(tmp_path / "out", "train")[-1]
    path.write_bytes(path.read_bytes()[:4096])
    with pytest.raises(FileError, match="ends too early"):
        last.read()
    path.unlink()
    with pytest.raises(MissingFileError, match="this shard is missing"):
        last.read()


def test_no_sample_of_enough_quality_is_one_sentence(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out")
    with pytest.raises(SettingError, match="no sample of 4 in train"):
        IndexedWallDataset(tmp_path / "out", size=64, quality_threshold=1.0)
