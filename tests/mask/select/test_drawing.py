"""Strokes and polygons: areas that are known, and the order in which they are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.errors import SettingError
from wallpaint.mask.select import Polygon, Stroke, draw

EMPTY = np.zeros((120, 160), np.float32)
coordinates = st.tuples(st.floats(-50, 200), st.floats(-50, 250))


@pytest.mark.parametrize("radius", [2, 7.5, 20])
def test_a_dot_has_the_area_of_its_disc_to_within_half_a_pixel_around_it(radius):
    area = draw(EMPTY, [Stroke([(60, 80)], radius)]).sum()
    assert math.pi * radius**2 <= area <= math.pi * (radius + 0.5) ** 2


def test_a_stroke_is_as_wide_as_its_brush_and_round_at_its_ends():
    mask = draw(EMPTY, [Stroke([(60, 40), (60, 120)], radius=10)])
    assert np.abs(mask[:, 80].sum() - 20) <= 1
    assert mask[60, 31] == 1
    assert mask[52, 31] == 0


def test_a_polygon_covers_its_inside_and_nothing_else():
    mask = draw(EMPTY, [Polygon([(20, 30), (20, 90), (70, 90), (70, 30)])])
    expected = np.zeros_like(EMPTY)
    expected[20:71, 30:91] = 1
    np.testing.assert_array_equal(mask, expected)


def test_later_shapes_lie_on_top():
    square = [(20, 20), (20, 100), (100, 100), (100, 20)]
    hole = Stroke([(60, 60)], radius=12, keep=False)
    assert draw(EMPTY, [Polygon(square), hole])[60, 60] == 0
    assert draw(EMPTY, [hole, Polygon(square)])[60, 60] == 1


def test_other_pixels_and_the_given_mask_stay_unchanged():
    mask = np.full((50, 50), 0.3, np.float32)
    drawn = draw(mask, [Stroke([(25, 25)], radius=5)])
    assert set(np.unique(drawn)) == {np.float32(0.3), 1}
    assert (mask == np.float32(0.3)).all()


@given(points=st.lists(coordinates, min_size=1, max_size=5), radius=st.floats(0.5, 30))
def test_adding_and_removing_the_same_stroke_leaves_nothing(points, radius):
    assert not draw(EMPTY, [Stroke(points, radius), Stroke(points, radius, keep=False)]).any()


@given(corners=st.lists(coordinates, min_size=3, max_size=6))
def test_a_polygon_starts_at_any_of_its_corners(corners):
    turned = corners[1:] + corners[:1]
    np.testing.assert_array_equal(draw(EMPTY, [Polygon(corners)]), draw(EMPTY, [Polygon(turned)]))


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (lambda: Stroke([], 5), "needs 1 or more points; this one has 0"),
        (lambda: Stroke([(1, 1)], 0), "brush of radius 0"),
        (lambda: Stroke([(1, 1)], math.nan), "brush of radius nan"),
        (lambda: Stroke([(1, math.inf)], 5), "cannot go through inf,1"),
        (lambda: Polygon([(1, 1), (2, 2)]), "needs 3 or more points; this one has 2"),
        (lambda: Polygon([(1, 1), (2, 2), (1e9, 3)]), "cannot go through 3,1e"),
    ],
)
def test_an_invalid_shape_is_refused(shape, says):
    with pytest.raises(SettingError, match=says):
        shape()
