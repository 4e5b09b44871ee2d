"""Clicks to masks: what is kept is in, what is dropped is out, and the wall is found."""

from __future__ import annotations

import pytest

from wallpaint.select import Click, WallSelector


def intersection_over_union(first, second):
    return (first & second).sum() / (first | second).sum()


@pytest.fixture(scope="module")
def selector(room_pixels):
    return WallSelector(room_pixels)


def test_one_click_finds_a_wall_in_falling_light(selector, wall_alpha):
    mask = selector.select([Click(20, 60)], edges="hard")
    assert intersection_over_union(mask > 0.5, wall_alpha > 0.5) > 0.9
