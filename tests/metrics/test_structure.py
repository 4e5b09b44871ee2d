import math

import numpy as np
import pytest
from synthetic_room import DARK_GREEN, even_falloff, room

from wallpaint.metrics import outside_max_change, shading_correlation


@pytest.fixture
def wall(wall_alpha):
    return wall_alpha == 1


@pytest.mark.parametrize("paint", [(0.8, 0.75, 0.7), (0.46, 0.38, 0.28), DARK_GREEN])
def test_scaled_light_is_perfectly_correlated(room_pixels, wall, paint):
    assert shading_correlation(room_pixels, room(paint), wall) > 0.99


def test_a_picture_is_perfectly_correlated_with_itself(room_pixels, wall):
    assert shading_correlation(room_pixels, room_pixels, wall) == pytest.approx(1, abs=1e-9)


def test_light_turned_upside_down_is_negatively_correlated(room_pixels, wall):
    turned = room(light=0.4 / even_falloff())
    assert shading_correlation(room_pixels, turned, wall) == pytest.approx(-1, abs=0.01)


def test_correlation_is_that_of_log_luminance():
    generator = np.random.default_rng(0)
    source, output = generator.integers(1, 256, (2, 30, 30, 3), dtype=np.uint8)
    wall = np.ones((30, 30), bool)

    def log_luminance(picture):
        encoded = picture / 255
        linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        return np.log(linear @ [0.2126, 0.7152, 0.0722]).ravel()

    expected = np.corrcoef(log_luminance(source), log_luminance(output))[0, 1]
    assert shading_correlation(source, output, wall) == pytest.approx(expected, abs=1e-3)


def test_a_flat_wall_has_no_shading_to_compare(room_pixels, wall):
    flat = np.full_like(room_pixels, 120)
    assert math.isnan(shading_correlation(room_pixels, flat, wall))
    assert math.isnan(shading_correlation(flat, room_pixels, wall))


def test_no_wall_has_no_shading_to_compare(room_pixels, wall):
    assert math.isnan(shading_correlation(room_pixels, room_pixels, np.zeros_like(wall)))


def test_only_the_wall_is_compared(room_pixels, wall):
    disturbed = room_pixels.copy()
    disturbed[~wall] = 255 - disturbed[~wall]
    assert shading_correlation(room_pixels, disturbed, wall) == pytest.approx(1, abs=1e-9)
    assert shading_correlation(room_pixels, disturbed, np.ones_like(wall)) < 0.9


def test_masks_of_every_kind_mean_the_same(room_pixels, wall):
    other = room((0.1, 0.5, 0.2))
    expected = shading_correlation(room_pixels, other, wall)
    for mask in (wall.astype(np.float32), np.where(wall, 0.51, 0.5), np.where(wall, 128, 127).astype(np.uint8)):
        assert shading_correlation(room_pixels, other, mask) == expected


def test_black_has_a_finite_logarithm(wall, room_pixels):
    black_in_part = room_pixels.copy()
    black_in_part[:20] = 0
    assert -1 <= shading_correlation(room_pixels, black_in_part, wall) <= 1


@pytest.mark.parametrize(("before", "after", "change"), [(100, 101, 1), (250, 3, 247), (0, 255, 255), (255, 0, 255)])
def test_a_change_outside_the_wall_is_counted_in_bytes(before, after, change):
    source = np.full((6, 7, 3), before, np.uint8)
    output = source.copy()
    output[4, 5, 2] = after
    alpha = np.zeros((6, 7), np.float32)
    assert outside_max_change(source, output, alpha) == change
    for faint in (0.01, 0.5):  # a mask that is not quite black outside hides nothing
        alpha[4, 5] = faint
        assert outside_max_change(source, output, alpha) == change
    alpha[4, 5] = 0.51
    assert outside_max_change(source, output, alpha) == 0


def test_where_all_is_wall_nothing_is_outside(room_pixels):
    assert outside_max_change(room_pixels, 255 - room_pixels, np.ones(room_pixels.shape[:2])) == 0
