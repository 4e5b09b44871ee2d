import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_room import DARK_GREEN, grid, room

from wallpaint.albedo.log_light import LOG_LIGHT_OF_ONE, STEPS_PER_NEPER
from wallpaint.albedo.noise import bytes_per_neper, noise_level, smoothing_share, smoothing_shift
from wallpaint.color import linear_to_srgb, parse_color

ROUNDING = 12**-0.5
WHERE = np.ones((120, 160), np.uint8)


def grainy(std, picture=130.0, seed=0):
    """(120, 160, 3) uint8: a picture with the same grain in all channels."""
    grain = np.random.default_rng(seed).normal(0, std, (120, 160, 1))
    return np.clip(np.rint(picture + grain), 0, 255).astype(np.uint8) * np.ones(3, np.uint8)


def log_light_of(log_light):
    return np.rint(LOG_LIGHT_OF_ONE + STEPS_PER_NEPER * log_light).astype(np.uint16)


@pytest.mark.parametrize("std", [1.0, 2.0, 4.0, 8.0])
def test_the_standard_deviation_of_noise_is_recovered(std):
    assert noise_level(grainy(std), WHERE) == pytest.approx(std, rel=0.15)


def test_shading_does_not_count_as_noise():
    y, x = grid(120, 160)
    slope = (60 + 0.6 * x + 0.4 * y)[..., None]
    assert noise_level(grainy(3, slope), WHERE) == pytest.approx(3, rel=0.15)
    assert noise_level(grainy(0, slope), WHERE) < 1  # rounding alone


def test_edges_do_not_count_as_noise():
    _, x = grid(120, 160)
    stripes = np.where(x % 40 < 20, 60.0, 180.0)[..., None]
    assert noise_level(grainy(2, stripes), WHERE) == pytest.approx(2, rel=0.2)


def test_pixels_outside_the_wall_do_not_count():
    pixels = grainy(2)
    pixels[:, 80:] = np.random.default_rng(1).integers(0, 256, (120, 80, 1))
    where = WHERE.copy()
    where[:, 80:] = 0
    assert noise_level(pixels, where) == pytest.approx(2, rel=0.15)
    assert noise_level(pixels, WHERE) > 3


@pytest.mark.parametrize("where", [WHERE, 0 * WHERE], ids=["flat wall", "no wall"])
def test_noise_is_at_least_that_of_rounding(where):
    assert noise_level(grainy(0), where) == ROUNDING


@pytest.mark.parametrize("light", [0.01, 0.2, 0.9])
def test_bytes_per_neper_is_the_slope_of_the_encoding(light):
    step = 1e-6
    slope = 255 * (linear_to_srgb(light * np.exp(step)) - linear_to_srgb(light * np.exp(-step))) / (2 * step)
    assert bytes_per_neper(light) == pytest.approx(slope, rel=1e-3)


@given(st.floats(1e-5, 1), st.floats(1e-5, 1))
def test_the_smoothing_share_follows_the_amplification(old, new):
    share = smoothing_share(np.full(3, old), np.full(3, new))
    gain = float(bytes_per_neper(new) / bytes_per_neper(old))
    assert share == pytest.approx(max(0, 1 - 1 / gain**2), abs=1e-6)
    assert 0 <= share < 1


def test_darker_paint_needs_no_smoothing():
    assert smoothing_share(np.array([0.5, 0.4, 0.3]), np.array([0.05, 0.06, 0.1])) == 0


def smoothed(log_light, wall_luminance, noise, where=WHERE):
    shift = smoothing_shift(log_light_of(log_light), where, wall_luminance, noise)
    assert shift.dtype == np.int16
    return shift / STEPS_PER_NEPER


def test_shading_without_noise_stays():
    y, x = grid(120, 160)
    shading = 0.3 * np.sin(x / 25) + 0.2 * np.cos(y / 18)
    assert np.abs(smoothed(shading, 0.3, 0.01)).max() < 0.01


def test_noise_is_removed_and_shading_stays():
    y, x = grid(120, 160)
    shading = 0.2 * np.sin(x / 60) - 0.2 * y / 120
    grain = np.random.default_rng(0).normal(0, 0.05, shading.shape)
    level = 0.05 * bytes_per_neper(0.2)
    left = grain + smoothed(shading + grain, 0.2, level)
    assert left.std() < 0.25 * grain.std()
    assert np.abs(left[10:-10, 10:-10]).max() < 0.1


def test_a_strong_edge_stays_sharp():
    _, x = grid(120, 160)
    edge = np.where(x < 80, 0.0, -1.5)
    grain = np.random.default_rng(0).normal(0, 0.02, edge.shape)
    after = edge + grain + smoothed(edge + grain, 0.2, 0.02 * float(bytes_per_neper(0.2)))
    assert np.abs(after - edge)[:, 76:84].max() < 0.2
    assert (after - edge)[:, :60].std() < 0.4 * 0.02


def test_dark_walls_are_smoothed_more():
    grain = np.random.default_rng(0).normal(0, 0.03, WHERE.shape)
    bright, dark = (np.abs(smoothed(grain, luminance, 0.2)).mean() for luminance in (0.8, 0.01))
    assert dark > 1.2 * bright


def test_pixels_outside_the_wall_neither_change_nor_count():
    where = WHERE.copy()
    where[:, 70:90] = 0
    grain = np.random.default_rng(0).normal(0, 0.03, WHERE.shape)
    black, white = grain.copy(), grain.copy()
    black[:, 70:90], white[:, 70:90] = -5, 5
    shift = smoothed(black, 0.2, 2.0, where)
    assert (shift[where == 0] == 0).all()
    np.testing.assert_array_equal(shift, smoothed(white, 0.2, 2.0, where))
    assert np.abs(grain + shift)[where > 0].max() < 0.15


def test_a_picture_smaller_than_a_cell_can_be_smoothed():
    tiny = np.full((3, 2), LOG_LIGHT_OF_ONE, np.uint16)
    assert (smoothing_shift(tiny, np.ones((3, 2), np.uint8), 0.2, 1.0) == 0).all()


@pytest.mark.parametrize("color", ["#ffffff", "#f2efe6", "#b9a08c"])
@pytest.mark.parametrize("noise", [2.0, 4.0])
def test_a_dark_noisy_wall_in_pale_paint_is_not_much_noisier_than_its_photo(color, noise, open_room):
    photo = room(DARK_GREEN, noise=noise)
    looked_at = open_room(photo)
    pure = looked_at.region.is_pure.astype(np.uint8)
    painted = looked_at.paint(color).image
    grain = painted.astype(float) - open_room(room(DARK_GREEN)).paint(color).image
    before = photo.astype(float) - room(DARK_GREEN)
    assert grain[pure > 0].std() < 1.25 * before[pure > 0].std()
    assert noise_level(painted, pure) < 1.5 * noise_level(photo, pure)
    unsmoothed = before[pure > 0].std() * bytes_per_neper(parse_color(color).linear[1]) / bytes_per_neper(0.03)
    assert unsmoothed > 1.7 * before[pure > 0].std()  # what it would be otherwise


def test_darker_paint_keeps_its_grain_and_adds_none(open_room):
    photo = room((0.5, 0.5, 0.5), noise=4)
    painted = open_room(photo).paint("#2f4858").image
    clean = open_room(room((0.5, 0.5, 0.5)))
    pure = clean.region.is_pure
    before = (photo.astype(float) - clean.pixels)[pure].std()
    after = (painted.astype(float) - clean.paint("#2f4858").image)[pure].std()
    assert 0.25 * before < after < before
