"""Clicks and polygons together: polygons hold, and clicks to drop are heard."""

import numpy as np
import pytest

from wallpaint.mask.select import Click, Polygon, WallSelector, draw, find_wall

ON_WALL, ON_PICTURE = Click(20, 60), Click(48, 114, keep=False)
UPPER_HALF = Polygon([(-1, -1), (-1, 400), (90, 400), (90, -1)])


@pytest.fixture(scope="module")
def selector(room_pixels):
    return WallSelector(room_pixels)


@pytest.fixture(scope="module")
def nothing(room_pixels):
    return np.zeros(room_pixels.shape[:2], np.float32)


def test_a_removing_click_takes_its_surface_out_of_a_polygon(selector, nothing):
    outlined = draw(nothing, [UPPER_HALF])
    wall = find_wall(selector, [ON_PICTURE], [UPPER_HALF])
    assert np.array_equal(wall, selector.correct(outlined, [ON_PICTURE]))
    assert 0 < wall.sum() < outlined.sum()
    assert wall[ON_PICTURE.row, ON_PICTURE.column] == 0


def test_a_polygon_is_kept_whole_where_clicks_mark_wall(selector, nothing):
    wall = find_wall(selector, [ON_WALL, ON_PICTURE], [UPPER_HALF])
    assert wall[draw(nothing, [UPPER_HALF]) > 0].all()


def test_polygons_alone_are_filled(selector, nothing):
    assert np.array_equal(find_wall(selector, [], [UPPER_HALF]), draw(nothing, [UPPER_HALF]))


def test_an_initial_mask_is_corrected_and_then_drawn_on(selector, nothing):
    initial_mask = draw(nothing, [UPPER_HALF])
    cut = Polygon([(0, 0), (0, 30), (30, 30), (30, 0)], keep=False)
    wall = find_wall(selector, [ON_PICTURE], [cut], initial_mask)
    assert np.array_equal(wall, draw(selector.correct(initial_mask, [ON_PICTURE]), [cut]))


def test_nothing_marked_gives_an_empty_mask(selector):
    assert not find_wall(selector, [ON_PICTURE]).any()
