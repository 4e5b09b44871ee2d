import numpy as np
import pytest

from wallpaint.errors import MaskError
from wallpaint.select import Click
from wallpaint.serve.page.edits import Brushed, Clicked, Masked, Painted, Session, encoded, marked_wall
from wallpaint.serve.rooms import OpenRoom

WALL, SOFA = Clicked(Click(40, 60)), Clicked(Click(150, 120))


@pytest.fixture(scope="module")
def room(room_pixels):
    return OpenRoom(room_pixels)


def rectangle(top, bottom, left, right):
    mask = np.zeros((160, 240), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def test_what_was_done_is_taken_back_in_turn():
    session = Session("id").after(WALL).after(Painted("tan"))
    assert session.color == "tan"
    assert session.edits == (WALL,)
    assert session.without_last() == Session("id").after(WALL)
    assert session.without_last().color is None
    assert session.without_wall() == Session("id")


def test_clicks_are_understood_together(room):
    clicks = [WALL, Clicked(Click(150, 120, keep=False))]
    together = room.selector.select([one.click for one in clicks], edges="hard")
    assert np.array_equal(marked_wall(room, clicks), together)


def test_a_mask_is_taken_as_it_is_and_strokes_change_it(room):
    mask = Masked(encoded(rectangle(10, 90, 10, 200)))
    more, less = Brushed(encoded(rectangle(90, 120, 0, 240)), True), Brushed(encoded(rectangle(0, 160, 0, 50)), False)
    wall = marked_wall(room, [mask, more, less])
    expected = (rectangle(10, 90, 10, 200) > 0) | (rectangle(90, 120, 0, 240) > 0)
    expected[:, :50] = False
    assert np.array_equal(wall > 0.5, expected)


def test_a_mask_replaces_what_was_marked_before(room):
    mask = Masked(encoded(rectangle(10, 90, 10, 200)))
    assert np.array_equal(marked_wall(room, [WALL, mask]), marked_wall(room, [mask]))


def test_a_click_after_a_mask_adds_or_takes_the_surface_it_points_at(room):
    mask, surface = Masked(encoded(rectangle(0, 160, 0, 240))), room.selector.select([WALL.click], edges="hard")
    nowall = Clicked(Click(WALL.click.row, WALL.click.column, keep=False))
    assert np.array_equal(marked_wall(room, [mask, nowall]), 1 - surface)
    assert np.array_equal(marked_wall(room, [mask, nowall, WALL]), np.ones_like(surface))


def test_strokes_of_a_preview_are_brought_to_the_photos_size(room):
    wall = marked_wall(room, [Brushed(encoded(rectangle(0, 80, 0, 240)[::2, ::2]), True)])
    assert wall.shape == room.shape
    assert (wall > 0.5).mean() == pytest.approx(0.5, abs=0.02)


def test_without_any_wall_it_says_what_to_do(room):
    with pytest.raises(MaskError, match="Click on it"):
        marked_wall(room, [Brushed(encoded(rectangle(0, 80, 0, 240)), False)])
