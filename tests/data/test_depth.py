"""Depth: disparity, near is 1."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.data.depth import along_axis, relative_disparity, stretched


def test_the_nearest_is_one_and_the_farthest_nought():
    depth = relative_disparity(np.array([[1.0, 2.0], [4.0, 1.0]]))
    np.testing.assert_allclose(depth, [[1, 1 / 3], [0, 1]], atol=1e-6)
    assert depth.dtype == np.float32


def test_what_is_infinitely_far_is_nought():
    depth = relative_disparity(np.array([[np.inf, np.nan, -1.0, 0.0, 2.0]]))
    np.testing.assert_array_equal(depth, [[0, 0, 0, 0, 1]])


def test_what_is_equally_far_is_in_the_middle():
    np.testing.assert_array_equal(relative_disparity(np.full((3, 3), 2.5)), 0.5)


def test_a_crop_may_be_stretched_again():
    distance = np.random.default_rng(0).uniform(1, 6, (20, 20))
    crop = slice(5, 15)
    np.testing.assert_allclose(
        stretched(relative_disparity(distance)[crop, crop]), relative_disparity(distance[crop, crop]), atol=1e-5
    )


@pytest.mark.parametrize("field_of_view", [40.0, 90.0])
def test_a_wall_faced_squarely_is_flat(field_of_view):
    ticks = ((np.arange(32) + 0.5) / 32 * 2 - 1) * np.tan(np.radians(field_of_view) / 2)
    along_rays = 3 * np.sqrt(1 + ticks[None] ** 2 + ticks[:, None] ** 2)
    np.testing.assert_allclose(along_axis(along_rays, field_of_view), 3, rtol=1e-6)
