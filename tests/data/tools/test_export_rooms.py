"""Rooms on disk: each room in one split, a stopped run goes on, nothing is made twice."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict

import pytest

from wallpaint.data import SPLITS, RoomAugmentation, SplitFolder, export_rooms
from wallpaint.errors import SettingError
from wallpaint.rooms import starter_rooms

TINY = {"per_room": 2, "size": 64, "validation_share": 0.4}


def digests(root):
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).digest() for path in root.rglob("*.png")}


def entries(root):
    return [(split, entry) for split in SPLITS if (root / split).exists() for entry in SplitFolder(root, split).entries]


@pytest.fixture
def rooms(make_room):
    return [make_room(seed) for seed in range(8)]


@pytest.fixture
def exported(rooms, tmp_path):
    export_rooms(rooms, tmp_path, **TINY)
    return tmp_path


def test_a_room_is_in_one_split_only(exported):
    splits = defaultdict(set)
    for split, entry in entries(exported):
        splits[entry.source].add(split)
        assert entry.name.startswith(entry.source)
    assert len(splits) == 8
    assert {len(of_room) for of_room in splits.values()} == {1}
    assert {split for of_room in splits.values() for split in of_room} == set(SPLITS)


def test_pictures_have_the_size_asked_for_and_masks_the_wall(exported):
    for entry, pictures in SplitFolder(exported, "train"):
        assert pictures.image.shape == (64, 64, 3)
        assert 0.3 < pictures.mask.mean() < 0.8
        assert pictures.depth.min() == 0
        assert pictures.depth.max() == 1
        assert 0 < entry.quality_score <= 1


def test_running_it_again_makes_nothing(exported, rooms):
    before = {path: path.stat().st_mtime_ns for path in exported.rglob("*.*")}
    assert export_rooms(rooms, exported, **TINY) == 0
    assert {path: path.stat().st_mtime_ns for path in exported.rglob("*.*")} == before


def test_more_rooms_and_more_of_each_are_added_to_what_is_there(rooms, tmp_path):
    export_rooms(rooms[:5], tmp_path, **TINY)
    early = digests(tmp_path)
    assert export_rooms(rooms, tmp_path, **{**TINY, "per_room": 3}) == 8 * 3 - 5 * 2
    assert early.items() <= digests(tmp_path).items()


def test_what_is_damaged_is_made_again_and_comes_out_the_same(exported, rooms):
    before = digests(exported)
    metadata = exported / "train/metadata.jsonl"
    metadata.write_bytes(metadata.read_bytes()[:-30])
    entry = SplitFolder(exported, "train").entries[0]
    (exported / "train" / entry.mask).unlink()
    picture = exported / "train" / SplitFolder(exported, "train").entries[1].image
    picture.write_bytes(picture.read_bytes()[:100])
    assert export_rooms(rooms, exported, **TINY) == 3
    assert digests(exported) == before
    assert set(Counter(entry.name for _, entry in entries(exported)).values()) == {1}


def test_other_settings_are_not_mixed_in(exported, rooms):
    with pytest.raises(SettingError, match="another seed"):
        export_rooms(rooms, exported, **TINY, seed=1)
    with pytest.raises(SettingError, match="recipe"):
        export_rooms(rooms, exported, **TINY, recipe=RoomAugmentation(camera_prob=0))


def test_rooms_of_the_benchmark_are_refused_or_kept_for_validation(make_room, tmp_path):
    rooms = [make_room(1), make_room(9005)]
    with pytest.raises(SettingError, match="RepaintBench"):
        export_rooms(rooms, tmp_path / "a", **TINY)
    assert not (tmp_path / "a").exists()
    export_rooms(rooms, tmp_path / "b", per_room=1, size=64, validation_share=0, allow_bench=True)
    assert [(split, entry.source) for split, entry in entries(tmp_path / "b")] == [
        ("train", "room-000001"),
        ("validation", "room-009005"),
    ]


def test_every_sample_is_reported_whether_made_now_or_before(exported, rooms):
    told = []
    export_rooms(rooms, exported, **TINY, done=told.append)
    assert len(set(told)) == len(told) == 16


def whole_lines(folder):
    """Samples told of so far, in whichever splits have begun."""
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("metadata.jsonl"))


def test_a_killed_export_goes_on_where_it_was(tmp_path):
    code = f"from wallpaint.cli.data import app; app(['rooms', {str(tmp_path / 'killed')!r}, '--size', '64'])"
    running = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while whole_lines(tmp_path / "killed") < 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    there = whole_lines(tmp_path / "killed")
    assert 0 < there < 52
    assert export_rooms(starter_rooms(), tmp_path / "killed", size=64) == 52 - there
    assert export_rooms(starter_rooms(), tmp_path / "whole", size=64) == 52
    assert digests(tmp_path / "killed") == digests(tmp_path / "whole")
    assert len({entry.name for _, entry in entries(tmp_path / "killed")}) == len(entries(tmp_path / "killed")) == 52
    assert not list((tmp_path / "killed").rglob("*.part"))
