"""The finder without a network: what is kept is in, what is dropped is out, and the wall is found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import synthetic_room
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.errors import SettingError
from wallpaint.mask.select import Click, EdgesFinder

ON_WALL, ON_FLOOR, ON_DOOR, ON_PICTURE = (20, 60), (150, 60), (80, 200), (48, 114)


@pytest.fixture(scope="module")
def view(room_pixels):
    return EdgesFinder().look(room_pixels)


def overlap(probability, truth):
    mask = cv2.resize(probability, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return (mask & (truth > 0.5)).sum() / (mask | (truth > 0.5)).sum()


def test_one_click_selects_a_wall_with_a_gradient_of_light(view, wall_alpha):
    wall = view.wall([Click(*ON_WALL)])
    assert set(np.unique(wall)) == {0, 1}
    assert overlap(wall, wall_alpha) > 0.93


def test_removed_points_are_out_and_kept_points_are_in(view):
    clicks = [Click(*ON_WALL), Click(*ON_DOOR), Click(*ON_FLOOR, keep=False), Click(*ON_PICTURE, keep=False)]
    wall = view.wall(clicks)
    assert [wall[click.row, click.column] for click in clicks] == [1, 1, 0, 0]


def test_a_removing_click_separates_a_ceiling_of_the_walls_colour():
    pixels = np.full((200, 300, 3), 205, np.uint8)
    pixels[:80] = 216  # the ceiling catches a little more light
    pixels = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    wall = EdgesFinder().look(pixels).wall([Click(140, 150), Click(40, 150, keep=False)])
    assert wall[90:].mean() > 0.98
    assert wall[:70].mean() < 0.02


@settings(max_examples=8)
@given(order=st.permutations(range(4)))
def test_the_order_of_clicks_does_not_matter(view, order):
    clicks = [Click(*ON_WALL), Click(120, 20), Click(*ON_FLOOR, keep=False), Click(*ON_DOOR, keep=False)]
    np.testing.assert_array_equal(view.wall([clicks[place] for place in order]), view.wall(clicks))


def test_a_large_photo_is_selected_as_well():
    size = (1300, 870)
    pixels = cv2.resize(synthetic_room.room(), size, interpolation=cv2.INTER_CUBIC)
    truth = cv2.resize(synthetic_room.wall_alpha().astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    assert overlap(EdgesFinder().look(pixels).wall([Click(110, 325)]), truth) > 0.95


def test_removing_clicks_alone_leave_all_but_their_surfaces(view):
    wall = view.wall([Click(*ON_FLOOR, keep=False)])
    np.testing.assert_array_equal(wall, 1 - view.wall([Click(*ON_FLOOR)]))


def test_without_clicks_it_refuses(view):
    with pytest.raises(SettingError, match="keep at least one point"):
        view.wall([])


def test_planes_need_another_finder(view):
    with pytest.raises(SettingError, match="rooms"):
        view.wall([Click(*ON_WALL)], plane=True)
