from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_room import BEIGE, even_falloff, room, room_linear, to_bytes

from wallpaint.color import srgb_to_linear
from wallpaint.mask import MixedPixels, composite, find_region
from wallpaint.photo import linear_to_bytes

WHITE = (0.86, 0.84, 0.80)
PAINTS = [WHITE, (0.04, 0.06, 0.1), (0.5, 0.1, 0.04)]


@pytest.fixture
def region(room_pixels, wall_alpha):
    """The wall of the room, with its true radiance in every mixed pixel."""
    found = find_region(room_pixels, wall_alpha)
    rows, columns, alpha = found.mixed.rows, found.mixed.columns, found.mixed.alpha
    radiance = (np.array(BEIGE) * even_falloff())[rows, columns].astype(np.float32)
    return replace(found, mixed=MixedPixels(rows, columns, alpha, radiance))


def painted(pixels, region, paint):
    light = np.array(paint) * even_falloff()
    mixed = region.mixed
    return composite(pixels, region, to_bytes(light)[region.window], mixed, light[mixed.rows, mixed.columns])


def half_step(pixels):
    """Linear light that rounding to a byte may have taken or given."""
    middle = pixels.astype(float)
    return (srgb_to_linear((middle + 0.5) / 255) - srgb_to_linear((middle - 0.5) / 255)) / 2


@pytest.mark.parametrize("paint", PAINTS)
def test_unmixing_gives_the_picture_of_the_new_wall_up_to_rounding(room_pixels, region, paint):
    picture = painted(room_pixels, region, paint)
    off = np.abs(srgb_to_linear(picture / 255.0) - room_linear(paint))
    assert (off <= 1.05 * (half_step(room_pixels) + half_step(picture)) + 1e-6).all()
    np.testing.assert_array_equal(picture[region.is_pure], room(paint)[region.is_pure])


def test_unmixing_gives_a_brighter_wall_within_one_byte_where_a_gain_does_not(room_pixels, region):
    truth = room(WHITE).astype(int)
    assert np.abs(painted(room_pixels, region, WHITE) - truth).max() <= 1
    gained = to_bytes(srgb_to_linear(room_pixels / 255.0) * np.array(WHITE) / np.array(BEIGE))
    rows, columns = region.mixed.rows, region.mixed.columns
    assert np.abs(gained - truth)[rows, columns].max() > 20


@pytest.mark.parametrize("paint", PAINTS)
def test_no_byte_changes_where_there_is_no_wall(room_pixels, region, paint):
    outside = region.alpha == 0
    assert outside.any()
    np.testing.assert_array_equal(painted(room_pixels, region, paint)[outside], room_pixels[outside])


def test_hard_edges_touch_nothing_outside_the_mask(room_pixels, wall_mask):
    wall = wall_mask > 0
    region = find_region(room_pixels, wall.astype(np.float32), "hard")
    picture = painted(room_pixels, region, (0.5, 0.1, 0.04))
    np.testing.assert_array_equal((picture != room_pixels).any(axis=-1), wall)


def test_the_photo_itself_is_left_as_it_was(room_pixels, region):
    photo = room_pixels.copy()
    picture = painted(photo, region, WHITE)
    np.testing.assert_array_equal(photo, room_pixels)
    assert not np.shares_memory(picture, photo)


def test_the_old_wall_in_place_of_the_new_changes_nothing(room_pixels, region):
    window, mixed = room_pixels[region.window], region.mixed
    np.testing.assert_array_equal(composite(room_pixels, region, window, mixed, mixed.radiance), room_pixels)


def test_pixels_may_be_mixed_that_the_region_takes_for_pure(room_pixels, region):
    mixed = region.mixed.with_highlights(np.array([10]), np.array([20]), np.full((1, 3), 0.1))
    radiance = np.concatenate([region.mixed.radiance, [[0.3, 0.2, 0.1]]])
    picture = composite(room_pixels, region, room_pixels[region.window], mixed, radiance)
    expected = srgb_to_linear(room_pixels[10, 20] / 255) + np.array([0.2, 0.1, 0])
    np.testing.assert_array_equal(picture[10, 20], to_bytes(expected))
    assert (picture != room_pixels).any(axis=-1).sum() == 1


@given(st.floats(-10, 10))
def test_light_is_encoded_as_the_nearest_byte(light):
    byte = int(linear_to_bytes(np.array(light)))
    if light <= 0:
        assert byte == 0
    elif light >= 1:
        assert byte == 255
    else:
        below, above = srgb_to_linear((byte + np.array([-0.5, 0.5])) / 255)
        assert below - 1e-12 <= light <= above + 1e-12


def test_every_byte_survives_the_way_to_light_and_back():
    every = np.arange(256)
    np.testing.assert_array_equal(linear_to_bytes(srgb_to_linear(every / 255)), every)
