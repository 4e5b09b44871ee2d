from functools import partial

import numpy as np
import pytest

from wallpaint.errors import ImageTooLargeError, MaskError, UnknownRoomError
from wallpaint.photo import mask_picture
from wallpaint.serve.paint_options import Engines, PaintOptions
from wallpaint.serve.rooms import OpenRoom, OpenRooms, array_bytes


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def photo(kilobytes=3):
    return OpenRoom(np.zeros((kilobytes, 1000 // 3, 3), np.uint8))


def test_a_room_is_found_by_its_id_until_it_is_closed(clock):
    rooms = OpenRooms(10_000, 60, clock)
    room = rooms.keep(photo())
    assert rooms.get(room.id) is room
    rooms.close(room.id)
    for ask in (rooms.get, rooms.close):
        with pytest.raises(UnknownRoomError, match=room.id):
            ask(room.id)


def test_ids_are_long_and_never_the_same():
    ids = {photo().id for _ in range(100)}
    assert len(ids) == 100
    assert min(map(len, ids)) >= 16


def test_a_room_unused_for_its_time_is_closed(clock):
    rooms = OpenRooms(10_000, 60, clock)
    left, used = rooms.keep(photo()), rooms.keep(photo())
    clock.now = 40
    rooms.get(used.id)
    clock.now = 61
    assert len(rooms) == 1
    with pytest.raises(UnknownRoomError):
        rooms.get(left.id)
    assert rooms.get(used.id) is used


def test_the_least_recently_used_rooms_make_place_within_the_budget(clock):
    rooms = OpenRooms(10_000, 60, clock)
    first, second, third = (rooms.keep(photo()) for _ in range(3))
    rooms.get(first.id)
    rooms.keep(photo())
    assert rooms.bytes <= rooms.budget
    assert rooms.get(first.id) is first
    assert rooms.get(third.id) is third
    with pytest.raises(UnknownRoomError):
        rooms.get(second.id)


def test_a_room_that_has_grown_is_counted_anew(clock):
    rooms = OpenRooms(10_000, 60, clock)
    room = rooms.keep(photo())
    before = rooms.bytes
    room.wall = np.ones(room.shape, np.float32)
    rooms.keep(room)
    assert rooms.bytes == before + room.wall.nbytes
    assert len(rooms) == 1


def test_a_room_above_the_whole_budget_is_refused_and_closes_no_other(clock):
    rooms = OpenRooms(10_000, 60, clock)
    small = rooms.keep(photo())
    with pytest.raises(ImageTooLargeError, match="Scale it down"):
        rooms.keep(photo(20))
    assert rooms.get(small.id) is small


def test_a_wall_is_what_its_file_will_say():
    room = photo()
    room.wall = np.linspace(0, 1, room.pixels[..., 0].size, dtype=np.float32).reshape(room.shape)
    assert np.array_equal(room.wall, mask_picture(room.wall).astype(np.float32) / 255)


def test_a_room_without_a_wall_is_not_painted():
    with pytest.raises(MaskError, match="no wall is marked yet"):
        photo().opened_in(Engines(), PaintOptions())


def test_an_opened_room_is_cached_until_the_wall_or_the_options_change(room_pixels, wall_alpha):
    room = OpenRoom(room_pixels)
    room.wall = wall_alpha
    engines, options = Engines(), PaintOptions(edges="hard")
    opened = room.opened_in(engines, options)
    assert room.opened_in(engines, options) is opened
    room.wall = wall_alpha
    assert room.opened_in(engines, options) is not opened


def test_bytes_are_those_of_every_array_once():
    array = np.zeros(10, np.uint8)
    assert array_bytes([array, array[2:], {"again": array}, (np.zeros(3, np.uint8),)]) == 13
    assert array_bytes(partial(print, array, key=np.zeros(5, np.uint8))) == 15


def test_the_bytes_of_a_room_include_what_the_engine_worked_out(room_pixels, wall_alpha):
    room = OpenRoom(room_pixels)
    room.wall = wall_alpha
    before = room.bytes
    assert before == room_pixels.nbytes + room.wall.nbytes
    opened = room.opened_in(Engines(), PaintOptions())
    assert room.bytes >= before + opened.region.alpha.nbytes + opened.region.mixed.radiance.nbytes
