import dataclasses

import numpy as np
import pytest

from wallpaint.albedo.interreflection.surroundings import LightBeside
from wallpaint.photo import bytes_to_linear, linear_to_bytes

CHANGE = np.array([0.8, 0.4, 0.1])


@pytest.fixture(scope="module")
def beside(room_pixels, region, even_answer):
    return LightBeside.of_photo(room_pixels, region, even_answer)


def expected_factor(change, f=0.4, q=0.3):
    g = change / (1 - q + q * change)
    return 1 - f + f * g * (1 - q) / (1 - q * g)


def test_all_that_is_no_wall_changes_by_the_formula(beside, room_pixels, region):
    lit = beside.in_new_light(CHANGE).picture
    rest = region.alpha == 0
    wanted = linear_to_bytes(bytes_to_linear(room_pixels[rest]) * expected_factor(CHANGE))
    assert np.abs(lit[rest].astype(int) - wanted).max() <= 1


def test_wall_and_mixed_pixels_are_left_as_they_are_painted(beside, room_pixels, region):
    lit = beside.in_new_light(CHANGE).picture
    assert np.array_equal(lit[region.alpha > 0], room_pixels[region.alpha > 0])


def test_the_old_paint_changes_not_one_byte(beside, room_pixels):
    assert np.array_equal(beside.in_new_light(np.ones(3)).picture, room_pixels)
    assert np.abs(beside.in_new_light(np.ones(3)).gained).max() < 1e-6


def test_of_a_mixed_pixel_only_what_is_no_wall_is_lit_anew(beside, room_pixels, region):
    mixed = region.mixed
    others = bytes_to_linear(room_pixels[mixed.rows, mixed.columns]) - mixed.alpha[:, None] * mixed.radiance
    wanted = np.maximum(others, 0) * (expected_factor(CHANGE, f=1.2 * 0.4) - 1)  # nearer to the wall than its cell
    np.testing.assert_allclose(beside.in_new_light(CHANGE).gained, wanted, atol=1e-4)


def test_where_the_network_is_unsure_nothing_changes(room_pixels, region, even_answer):
    unsure = dataclasses.replace(even_answer, error=np.full_like(even_answer.error, 1.2))
    beside = LightBeside.of_photo(room_pixels, region, unsure)
    assert np.array_equal(beside.in_new_light(CHANGE).picture, room_pixels)
    assert not beside.in_new_light(CHANGE).gained.any()


def test_dark_light_is_not_turned_black(beside, room_pixels):
    lit = beside.in_new_light(np.full(3, 1e-3)).picture
    assert (lit >= linear_to_bytes(0.55 * bytes_to_linear(room_pixels)) - 1).all()
