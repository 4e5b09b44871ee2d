"""Clicks to masks: what is kept is in, what is dropped is out, and the wall is found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import synthetic_room
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.errors import SettingError, UnreadableImageError
from wallpaint.mask.select import Click, WallSelector

ON_WALL, ON_FLOOR, ON_DOOR, ON_PICTURE = (20, 60), (150, 60), (80, 200), (48, 114)


def intersection_over_union(mask, truth):
    return ((mask > 0.5) & (truth > 0.5)).sum() / ((mask > 0.5) | (truth > 0.5)).sum()


@pytest.fixture(scope="module")
def selector(room_pixels):
    return WallSelector(room_pixels)


def test_one_click_selects_a_wall_with_a_gradient_of_light(selector, wall_alpha):
    mask = selector.select([Click(*ON_WALL)], edges="hard")
    assert set(np.unique(mask)) == {0, 1}
    assert intersection_over_union(mask, wall_alpha) > 0.93


def test_refined_edges_are_close_to_the_true_share_of_wall(selector, wall_alpha):
    hard = selector.select([Click(*ON_WALL), Click(*ON_FLOOR, keep=False)], edges="hard")
    refined = selector.select([Click(*ON_WALL), Click(*ON_FLOOR, keep=False)])
    assert ((refined > 0) & (refined < 1)).any()
    assert np.abs(refined - wall_alpha).mean() < np.abs(hard - wall_alpha).mean()


def test_removed_points_are_out_and_kept_points_are_in(selector):
    clicks = [Click(*ON_WALL), Click(*ON_DOOR), Click(*ON_FLOOR, keep=False), Click(*ON_PICTURE, keep=False)]
    mask = selector.select(clicks, edges="hard")
    assert [mask[click.row, click.column] for click in clicks] == [1, 1, 0, 0]


def test_a_removing_click_separates_a_ceiling_of_the_walls_colour():
    pixels = np.full((200, 300, 3), 205, np.uint8)
    pixels[:80] = 216  # the ceiling catches a little more light
    pixels = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    mask = WallSelector(pixels).select([Click(140, 150), Click(40, 150, keep=False)], edges="hard")
    assert mask[90:].mean() > 0.98
    assert mask[:70].mean() < 0.02


@settings(max_examples=8)
@given(order=st.permutations(range(4)))
def test_the_order_of_clicks_does_not_matter(selector, order):
    clicks = [Click(*ON_WALL), Click(120, 20), Click(*ON_FLOOR, keep=False), Click(*ON_DOOR, keep=False)]
    expected = selector.select(clicks, edges="hard")
    np.testing.assert_array_equal(selector.select([clicks[place] for place in order], edges="hard"), expected)


def test_a_click_taken_back_has_no_effect(room_pixels):
    fresh, used = WallSelector(room_pixels), WallSelector(room_pixels)
    used.select([Click(*ON_WALL), Click(*ON_DOOR)], edges="hard")
    np.testing.assert_array_equal(
        used.select([Click(*ON_WALL)], edges="hard"), fresh.select([Click(*ON_WALL)], edges="hard")
    )


def test_a_large_photo_gets_a_mask_of_its_own_size():
    size = (1300, 870)
    pixels = cv2.resize(synthetic_room.room(), size, interpolation=cv2.INTER_CUBIC)
    truth = cv2.resize(synthetic_room.wall_alpha().astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    mask = WallSelector(pixels).select([Click(110, 325)], edges="hard")
    assert mask.shape == truth.shape
    assert intersection_over_union(mask, truth) > 0.95


def test_an_existing_mask_changes_only_where_it_is_clicked(selector, wall_alpha):
    elsewhere = np.full(wall_alpha.shape, 0.25, np.float32)
    corrected = selector.correct(elsewhere, [Click(*ON_WALL), Click(*ON_FLOOR, keep=False)])
    assert (corrected[ON_WALL], corrected[ON_FLOOR]) == (1, 0)
    assert corrected[ON_PICTURE] == np.float32(0.25)
    np.testing.assert_array_equal(selector.correct(elsewhere, []), elsewhere)


def test_clicks_without_any_wall_are_refused(selector):
    with pytest.raises(SettingError, match="keep at least one point"):
        selector.select([])
    with pytest.raises(SettingError, match="keep at least one point"):
        selector.select([Click(*ON_FLOOR, keep=False)])


@pytest.mark.parametrize(("row", "column"), [(-1, 5), (160, 5), (5, 240), (5, -3)])
def test_a_click_outside_the_photo_is_refused(selector, row, column):
    with pytest.raises(SettingError, match=rf"{column},{row} lies outside .* 0 to 239 across and 0 to 159 down"):
        selector.select([Click(row, column)])


def test_unknown_edges_are_refused(selector):
    with pytest.raises(SettingError, match="choose refined or hard"):
        selector.select([Click(*ON_WALL)], edges="soft")


def test_an_array_that_is_not_a_photo_is_refused():
    with pytest.raises(UnreadableImageError, match="uint8"):
        WallSelector(np.zeros((20, 20, 3), np.float32))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (700, 2)])
def test_the_smallest_pictures_can_be_selected_in(shape):
    pixels = np.full((*shape, 3), 128, np.uint8)
    assert WallSelector(pixels).select([Click(0, 0)]).all()
