"""Shards as samples: the folder's own, each once, whoever reads."""

from __future__ import annotations

import pytest
import torch
from torch.utils.data import DataLoader

from wallpaint.data import ShardedWallDataset, WallInpaintingDataset, collate
from wallpaint.data.storage.shards import write_shards
from wallpaint.errors import MissingFileError, SettingError


@pytest.fixture
def shards(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "shards", per_shard=1)
    return tmp_path / "shards"


def names(samples):
    return [sample["name"] for sample in samples]


def test_samples_are_those_of_the_folder(shards, photo_set):
    folder, sharded = WallInpaintingDataset(photo_set, size=64, seed=3), ShardedWallDataset(shards, size=64, seed=3)
    for dataset in (folder, sharded):
        dataset.set_epoch(2)
    expected = {sample["name"]: sample for sample in folder}
    found = {sample["name"]: sample for sample in sharded}
    assert found.keys() == expected.keys()
    for name, sample in found.items():
        assert all(torch.equal(sample[key], expected[name][key]) for key in sample if key != "name")


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
def test_workers_share_the_shards_without_overlap_and_repeat_themselves(shards):
    dataset = ShardedWallDataset(shards, size=64)
    once, again = (
        [name for batch in DataLoader(dataset, 2, num_workers=3, collate_fn=collate) for name in batch["name"]]
        for _ in range(2)
    )
    assert sorted(once) == ["attic", "bath", "cellar", "den"]
    assert once == again


def test_processes_share_the_shards_without_overlap(shards):
    of_rank = [names(ShardedWallDataset(shards, size=64, rank=rank, world_size=3)) for rank in range(3)]
    assert sorted(name for part in of_rank for name in part) == ["attic", "bath", "cellar", "den"]
    assert all(of_rank)


def test_the_order_changes_with_the_epoch_and_can_be_replayed(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out", per_shard=4)
    dataset = ShardedWallDataset(tmp_path / "out", size=64)
    orders = []
    for epoch in (0, 1, 2, 3, 0):
        dataset.set_epoch(epoch)
        orders.append(names(dataset))
    assert orders[0] == orders[-1]
    assert len({tuple(order) for order in orders}) > 1
    unshuffled = ShardedWallDataset(tmp_path / "out", size=64, shuffle_buffer=1)
    assert names(unshuffled) == ["attic", "bath", "cellar", "den"]


def test_masks_below_the_threshold_are_left_out(shards):
    assert names(ShardedWallDataset(shards, size=64, quality_threshold=1)) == []


def test_settings_that_cannot_be_are_refused(shards, tmp_path):
    with pytest.raises(SettingError, match="4 shards of train cannot be divided among 5 processes"):
        ShardedWallDataset(shards, world_size=5)
    with pytest.raises(SettingError, match="rank 2 is not one of 2"):
        ShardedWallDataset(shards, rank=2, world_size=2)
    with pytest.raises(MissingFileError, match="wallpaint data shards"):
        ShardedWallDataset(tmp_path)
