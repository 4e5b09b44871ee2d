import cv2
import numpy as np
import pytest
from synthetic_room import BEIGE, DARK_GREEN, HEIGHT, WIDTH, disc, even_falloff, grid, room, room_linear, to_bytes

from wallpaint.albedo.light import read_light
from wallpaint.albedo.log_light import LN_OF_LOG_LIGHT, LOG_LIGHT_OF_ONE
from wallpaint.color import srgb_to_linear
from wallpaint.mask import find_region

GREY = (0.4, 0.4, 0.4)


def warming(most):
    """(H, W, 3) light of even luminance fall-off that turns from blue on the left to red on the right."""
    _, x = grid()
    turn = most * (2 * x / WIDTH - 1)
    return even_falloff() * np.exp(np.stack([turn, np.zeros_like(turn), -turn], axis=-1))


def light_of(pixels, alpha):
    return read_light(pixels, find_region(pixels, alpha))


def estimated_wall(light):
    """(h, w, 3) linear light of the wall that the log_light stand for."""
    return np.exp(LN_OF_LOG_LIGHT[np.dstack(light.log_light)]) * light.wall_color


@pytest.mark.parametrize("paint", [BEIGE, GREY, DARK_GREEN, (0.8, 0.7, 0.1)])
def test_log_light_is_the_light_on_the_wall(paint, wall_alpha):
    light = light_of(room(paint), wall_alpha)
    wall = (np.array(paint) * even_falloff())[light.region.window]
    pure = light.region.pure_window > 0
    assert np.abs(np.log(estimated_wall(light) / wall))[pure].max() < 0.08  # in the dark, a byte is that much
    assert np.abs(np.log(estimated_wall(light) / wall))[pure].mean() < 0.02


@pytest.mark.parametrize("paint", [BEIGE, DARK_GREEN])
def test_the_walls_median_has_light_one(paint, wall_alpha):
    pixels = room(paint)
    light = light_of(pixels, wall_alpha)
    median = np.median(pixels[light.region.is_wall], axis=0)
    np.testing.assert_allclose(light.wall_color, srgb_to_linear(median / 255))
    np.testing.assert_allclose(LN_OF_LOG_LIGHT[list(light.median_log_light)], 0, atol=0.03)


@pytest.mark.parametrize("byte", [0, 1, 2])
def test_light_can_be_estimated_on_a_black_wall(byte, wall_alpha):
    pixels = room(GREY)
    pixels[wall_alpha == 1] = byte
    light = light_of(pixels, wall_alpha)
    assert (light.wall_color > 0).all()
    np.testing.assert_allclose(light.median_log_light, LOG_LIGHT_OF_ONE, atol=2)


def test_a_slow_change_of_the_lights_colour_is_found(wall_alpha):
    light = light_of(room(GREY, warming(0.08)), wall_alpha)
    read = estimated_wall(light) / estimated_wall(light)[..., 1:2]
    truth = warming(0.08)[light.region.window]
    truth = truth / truth[..., 1:2]
    off = np.abs(np.log(read / truth))[light.region.pure_window > 0]
    assert off.mean() < 0.015
    assert off.max() < 0.04


def test_a_stain_does_not_count_as_coloured_light(wall_alpha):
    stain = 1 - 0.3 * disc((150, 90), 1.5)[..., None] * np.array([0, 1, 1])
    light = light_of(to_bytes(room_linear(GREY) * stain), wall_alpha)
    red, green, blue = (int(plane[90, 150]) for plane in light.log_light)
    assert abs(red - green) < 0.1 * abs(np.log(0.7)) * 4096
    assert abs(red - blue) < 0.1 * abs(np.log(0.7)) * 4096


def test_channels_that_the_paint_hardly_reflects_count_less(wall_alpha):
    def reddening(paint):
        light = light_of(room(paint, warming(0.08)), wall_alpha)
        relative = [float(light.log_light[0][60, x]) - float(light.log_light[2][60, x]) for x in (5, 170)]
        return relative[1] - relative[0]

    assert 0 < reddening((0.5, 0.4, 0.02)) < 0.9 * reddening((0.5, 0.4, 0.4))


def test_mixed_pixels_have_the_light_of_the_adjacent_wall(room_pixels, wall_alpha):
    light = light_of(room_pixels, wall_alpha)
    rows, columns = light.mixed.rows, light.mixed.columns
    truth = even_falloff()[rows, columns] * BEIGE / light.wall_color
    assert np.abs(LN_OF_LOG_LIGHT[light.mixed_log_light] - np.log(truth)).max() < 0.04


def test_the_window_can_be_anywhere(room_pixels, wall_alpha):
    y, x = grid()
    alpha = wall_alpha * ((y >= 10) & (y < 120) & (x >= 60) & (x < 230))
    light = light_of(room_pixels, alpha)
    assert light.region.window[0].start > 0 < light.region.window[1].start
    places = light.mixed.within(light.region.window)
    assert (light.region.alpha[light.region.window][places] == light.mixed.alpha).all()
    wall = (np.array(BEIGE) * even_falloff())[light.region.window]
    assert np.abs(np.log(estimated_wall(light) / wall))[light.region.pure_window > 0].max() < 0.03


def test_in_a_soft_mask_the_pixels_with_most_wall_count_as_wall(room_pixels, wall_alpha):
    light = light_of(room_pixels, 0.8 * wall_alpha)
    np.testing.assert_array_equal(light.region.pure_window, (wall_alpha == 1)[light.region.window])


def test_the_bright_and_the_brightest_are_quantiles(room_pixels, wall_alpha):
    light = light_of(room_pixels, wall_alpha)
    log_light = light.log_light[0][light.region.pure_window > 0]
    assert light.median_log_light[0] == np.quantile(log_light, 0.5, method="inverted_cdf")
    assert light.bright_log_light[0] == np.quantile(log_light, 0.8, method="inverted_cdf")
    assert light.brightest_log_light[0] == np.quantile(log_light, 0.9999, method="inverted_cdf")


def test_clipped_pixels_are_not_the_brightest(wall_alpha):
    pixels = room(GREY)
    before = light_of(pixels, wall_alpha).brightest_log_light
    window_glare = pixels.copy()
    window_glare[:20, :30] = 255
    after = light_of(window_glare, wall_alpha)
    assert max(after.brightest_log_light) < max(before) + 400
    assert max(int(plane[5, 5]) for plane in after.log_light) > max(before) + 2000


def test_a_wall_of_clipped_pixels_alone_has_light(wall_alpha):
    pixels = room(GREY)
    pixels[wall_alpha == 1] = 255
    np.testing.assert_allclose(light_of(pixels, wall_alpha).brightest_log_light, LOG_LIGHT_OF_ONE, atol=2)


def test_smoothing_is_computed_once(room_pixels, wall_alpha):
    light = light_of(room_pixels, wall_alpha)
    assert light.smoothing is light.smoothing
    assert light.smoothing.dtype == np.int16


def test_the_photo_is_not_changed(wall_alpha):
    pixels = room(BEIGE, noise=2)
    before = pixels.copy()
    light_of(pixels, wall_alpha)
    np.testing.assert_array_equal(pixels, before)


def test_a_rotated_photo_has_the_same_light(room_pixels, wall_alpha):
    wide = light_of(room_pixels, wall_alpha)
    tall = light_of(cv2.rotate(room_pixels, cv2.ROTATE_90_CLOCKWISE), cv2.rotate(wall_alpha, cv2.ROTATE_90_CLOCKWISE))
    assert room_pixels.shape[:2] == (HEIGHT, WIDTH)
    for plane, turned in zip(wide.log_light, tall.log_light, strict=True):
        difference = np.rot90(turned).astype(int) - plane
        assert np.abs(difference)[wide.region.pure_window > 0].max() < 40
