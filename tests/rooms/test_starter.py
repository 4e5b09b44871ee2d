"""The rooms that ship: enough of them, small enough, and usable without the extra."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources

import numpy as np
import pytest

from wallpaint.rooms import BENCH_SEEDS, starter_rooms


def test_there_are_at_least_twelve_of_several_plans():
    rooms = starter_rooms()
    assert len(rooms) >= 12
    assert all(room.shape == (256, 256) for room in rooms)
    assert len({room.meta["plan"] for room in rooms}) >= 4
    assert any(room.wallpaper is not None for room in rooms)


def test_they_weigh_less_than_sixteen_megabytes():
    folder = resources.files("wallpaint.rooms") / "starter"
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) < 16e6


def test_none_of_them_is_a_room_of_the_benchmark():
    assert {room.seed for room in starter_rooms()}.isdisjoint(BENCH_SEEDS)


@pytest.mark.parametrize("color", ["#202020", "#b9a08c", "#f4f2ec"])
def test_each_is_a_photograph_with_a_wall_in_it(color):
    for room in starter_rooms():
        assert 0.08 <= room.mask.mean() <= 0.85
        picture = room.photo(color)
        assert 8 < picture.mean() < 235
        assert (picture.min(-1) > 250).mean() < 0.3


def test_rooms_open_without_mitsuba():
    code = (
        "import sys; sys.modules['mitsuba'] = sys.modules['pyoidn'] = None\n"
        "import wallpaint.rooms as rooms\n"
        "from wallpaint.errors import MissingExtraError\n"
        "rooms.starter_rooms()[0].photo('tan', rooms.Camera())\n"
        "try:\n    rooms.render_room(0)\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "wallpaint[rooms]" in result.stdout


def test_the_same_rooms_come_back_each_time():
    assert all(one is other for one, other in zip(starter_rooms(), starter_rooms(), strict=True))
    assert all(np.isfinite(room.b).all() for room in starter_rooms())
