import numpy as np
import pytest

from wallpaint.errors import MaskError
from wallpaint.mask.select import Click
from wallpaint.photo import png_bytes
from wallpaint.serve.page.edits import Brushed, Clicked, Masked, Outlined, Painted, Session, marked_wall
from wallpaint.serve.rooms import OpenRoom

WALL, SOFA = Clicked(Click(40, 60)), Clicked(Click(150, 120))


@pytest.fixture(scope="module")
def room(room_pixels):
    return OpenRoom(room_pixels, finder="edges")


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


def test_before_the_first_edit_of_a_second_wall_comes_the_first_wall():
    first = Session("one").after(WALL).after(Painted("tan"))
    second = Session("two", before=first)
    assert second.after(WALL).without_last() == second
    assert second.without_last() == first
    assert Session("one").without_last() == Session("one")


def test_clicks_are_understood_together(room):
    clicks = [WALL, Clicked(Click(150, 120, keep=False))]
    together = room.selector.select([one.click for one in clicks], edges="hard").mask
    assert np.array_equal(marked_wall(room, clicks), together)


def test_a_mask_is_taken_as_it_is_and_strokes_change_it(room):
    mask = Masked(png_bytes(rectangle(10, 90, 10, 200)))
    more = Brushed(png_bytes(rectangle(90, 120, 0, 240)), True)
    less = Brushed(png_bytes(rectangle(0, 160, 0, 50)), False)
    wall = marked_wall(room, [mask, more, less])
    expected = (rectangle(10, 90, 10, 200) > 0) | (rectangle(90, 120, 0, 240) > 0)
    expected[:, :50] = False
    assert np.array_equal(wall > 0.5, expected)


def test_a_mask_replaces_what_was_marked_before(room):
    mask = Masked(png_bytes(rectangle(10, 90, 10, 200)))
    assert np.array_equal(marked_wall(room, [WALL, mask]), marked_wall(room, [mask]))


def test_a_click_after_a_mask_adds_or_takes_the_surface_it_points_at(room):
    mask, surface = Masked(png_bytes(rectangle(0, 160, 0, 240))), room.selector.select([WALL.click], edges="hard").mask
    nowall = Clicked(Click(WALL.click.row, WALL.click.column, keep=False))
    removed = marked_wall(room, [mask, nowall])
    assert (removed == 1 - surface).mean() > 0.97  # beside an edge a click changes only what is certain
    assert (marked_wall(room, [mask, nowall, WALL])[surface > 0.5] == 1).mean() > 0.97


def test_strokes_of_a_preview_are_brought_to_the_photos_size(room):
    wall = marked_wall(room, [Brushed(png_bytes(rectangle(0, 80, 0, 240)[::2, ::2]), True)])
    assert wall.shape == room.shape
    assert (wall > 0.5).mean() == pytest.approx(0.5, abs=0.02)


def test_an_empty_wall_raises_an_error_with_a_cure(room):
    with pytest.raises(MaskError, match="Click on it"):
        marked_wall(room, [Brushed(png_bytes(rectangle(0, 80, 0, 240)), False)])


def outlined(*corners, keep=True):
    """A session in which these corners were clicked one after the other."""
    session = Session("id")
    for corner in corners:
        outline = session.open_outline
        session = session.after(Outlined((corner,), keep) if outline is None else outline.with_corner(corner, near=5))
    return session


def test_an_outline_is_what_its_last_corner_made_it(room):
    session = outlined((10, 20), (10, 60), (50, 60), (50, 20))
    assert len(session.edits) == 1
    wall = marked_wall(room, session.edits)
    assert np.array_equal(wall > 0.5, rectangle(10, 51, 20, 61) > 0)
    assert len(session.without_last().open_outline.corners) == 3


def test_two_corners_are_not_yet_a_wall_and_no_error(room):
    assert not marked_wall(room, outlined((10, 20), (10, 60)).edits).any()


def test_a_click_on_its_first_corner_closes_an_outline_and_the_next_begins_another(room):
    session = outlined((10, 20), (10, 60), (50, 60), (12, 21))
    assert session.open_outline is None
    assert session.edits == (Outlined(((10, 20), (10, 60), (50, 60)), True, closed=True),)
    more = session.after(Outlined(((90, 20),), True))
    assert len(more.edits) == 2
    assert np.array_equal(marked_wall(room, more.edits), marked_wall(room, session.edits))


def test_an_outline_of_what_is_no_wall_is_cut_out(room):
    edits = [Masked(png_bytes(rectangle(0, 160, 0, 240))), *outlined((10, 20), (10, 60), (50, 60), keep=False).edits]
    wall = marked_wall(room, edits)
    assert wall[15, 50] == 0
    assert wall[60, 50] == 1
