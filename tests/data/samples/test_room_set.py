"""Rooms to draw from: in memory or on disk, each once, none of the benchmark's."""

from __future__ import annotations

import pytest

from wallpaint.data import RoomSet
from wallpaint.data.samples.room_set import room_split
from wallpaint.errors import RoomFileError, SettingError
from wallpaint.rooms import BENCH_SEEDS


def test_rooms_come_from_memory_and_from_files_alike(make_room, tmp_path):
    make_room(7).save(tmp_path / "room-000007.npz")
    shelf = RoomSet([make_room(3), tmp_path / "room-000007.npz", make_room(8)])
    assert shelf.seeds == (3, 7, 8)
    assert [room.seed for room in shelf] == [3, 7, 8]
    assert [room.seed for room in shelf[1:]] == [7, 8]


def test_a_shelf_of_a_shelf_reads_no_file(tmp_path):
    assert RoomSet(RoomSet([tmp_path / "room-000001.npz"])).seeds == (1,)


@pytest.mark.parametrize("seed", [BENCH_SEEDS[0], BENCH_SEEDS[-1]])
def test_rooms_of_the_benchmark_are_refused(make_room, seed):
    with pytest.raises(SettingError, match="RepaintBench"):
        RoomSet([make_room(1), make_room(seed)])
    assert len(RoomSet([make_room(seed)], allow_bench=True)) == 1


def test_a_room_of_the_benchmark_under_another_name_is_refused(make_room, tmp_path):
    make_room(9003).save(tmp_path / "room-000003.npz")
    shelf = RoomSet([tmp_path / "room-000003.npz"])
    with pytest.raises(RoomFileError, match="9003"):
        shelf[0]


def test_neighbours_of_the_benchmark_are_welcome(make_room):
    assert len(RoomSet([make_room(8999), make_room(9064)])) == 2


def test_no_room_and_the_same_room_twice_are_refused(make_room):
    with pytest.raises(SettingError, match="no rooms"):
        RoomSet([])
    with pytest.raises(SettingError, match="2 times"):
        RoomSet([make_room(4), make_room(4)])


def test_a_file_of_another_name_is_refused(tmp_path):
    with pytest.raises(RoomFileError, match="kitchen"):
        RoomSet([tmp_path / "kitchen.npz"])


def test_splits_share_no_room_and_lose_none(make_room):
    shelf = RoomSet([make_room(seed) for seed in range(40)])
    train, validation = (shelf.of_split(split, 0.3) for split in ("train", "validation"))
    assert not set(train.seeds) & set(validation.seeds)
    assert sorted((*train.seeds, *validation.seeds)) == list(range(40))


def test_the_benchmark_is_in_validation_only(make_room):
    assert {room_split(seed, 0) for seed in BENCH_SEEDS} == {"validation"}
    shelf = RoomSet([make_room(1), make_room(9001)], allow_bench=True)
    assert shelf.of_split("validation", 0).seeds == (9001,)


def test_an_empty_split_says_so(make_room):
    with pytest.raises(SettingError, match="validation"):
        RoomSet([make_room(1)]).of_split("validation", 0)
