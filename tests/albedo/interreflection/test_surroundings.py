import dataclasses

import numpy as np
import pytest

from wallpaint.albedo.interreflection.surroundings import SurroundingsLight
from wallpaint.photo import bytes_to_linear, linear_to_bytes

CHANGE = np.array([0.8, 0.4, 0.1])


@pytest.fixture(scope="module")
def surroundings(room_pixels, region, uniform_prediction):
    return SurroundingsLight.of_photo(room_pixels, region, uniform_prediction)


def expected_factor(change, f=0.4, q=0.3):
    g = change / (1 - q + q * change)
    return 1 - f + f * g * (1 - q) / (1 - q * g)


def test_pixels_outside_the_wall_change_by_the_formula(surroundings, room_pixels, region):
    lit = surroundings.relit(CHANGE).picture
    rest = region.alpha == 0
    wanted = linear_to_bytes(bytes_to_linear(room_pixels[rest]) * expected_factor(CHANGE))
    assert np.abs(lit[rest].astype(int) - wanted).max() <= 1


def test_wall_and_mixed_pixels_keep_the_photos_bytes(surroundings, room_pixels, region):
    lit = surroundings.relit(CHANGE).picture
    assert np.array_equal(lit[region.alpha > 0], room_pixels[region.alpha > 0])


def test_the_old_paint_changes_no_byte(surroundings, room_pixels):
    assert np.array_equal(surroundings.relit(np.ones(3)).picture, room_pixels)
    assert np.abs(surroundings.relit(np.ones(3)).gained).max() < 1e-6


def test_a_mixed_pixel_gains_light_only_on_its_part_outside_the_wall(surroundings, room_pixels, region):
    mixed = region.mixed
    non_wall = bytes_to_linear(room_pixels[mixed.rows, mixed.columns]) - mixed.alpha[:, None] * mixed.removed
    wanted = np.maximum(non_wall, 0) * (expected_factor(CHANGE, f=1.2 * 0.4) - 1)
    np.testing.assert_allclose(surroundings.relit(CHANGE).gained, wanted, atol=1e-4)


def test_at_zero_confidence_nothing_changes(room_pixels, region, uniform_prediction):
    unconfident = dataclasses.replace(uniform_prediction, error=np.full_like(uniform_prediction.error, 1.2))
    surroundings = SurroundingsLight.of_photo(room_pixels, region, unconfident)
    assert np.array_equal(surroundings.relit(CHANGE).picture, room_pixels)
    assert not surroundings.relit(CHANGE).gained.any()


def test_light_that_did_not_come_from_the_wall_stays(surroundings, room_pixels):
    lit = surroundings.relit(np.full(3, 1e-3)).picture
    assert (lit >= linear_to_bytes(0.55 * bytes_to_linear(room_pixels)) - 1).all()
