import numpy as np
import pytest
import synthetic_room

from wallpaint.color import Color, linear_to_srgb, srgb_to_lab, srgb_to_linear
from wallpaint.evaluate import BASELINES, score
from wallpaint.evaluate.repaintbench.baselines import (
    flat_fill,
    hsv_swap,
    lab_swap,
    lab_swap_and_multiply,
    lightness_shift,
    linear_gain,
    luminance_shading,
    mean_shift,
)
from wallpaint.reference import wall_median

SAGE = Color.from_rgb8((150, 165, 140))
LINEAR = ("linear gain per channel", "luminance shading × colour")


@pytest.fixture(scope="module")
def photo():
    """A dim room, so that no baseline clips."""
    return synthetic_room.room(light=0.7 * synthetic_room.even_falloff())


@pytest.fixture(scope="module")
def wall(wall_alpha):
    return wall_alpha >= 1


@pytest.fixture(scope="module")
def means(clean_cases):
    """Mean LAB distance to the reference and mean error inside the wall of every baseline."""
    scores = {
        name: [score(case, method(case.source, case.mask, case.reference), 0.0) for case in clean_cases]
        for name, method in BASELINES.items()
    }
    return {
        name: {part: np.mean([getattr(each, part) for each in these]) for part in ("inside", "lab_distance")}
        for name, these in scores.items()
    }


def test_a_flat_fill_is_nearest_to_the_reference(means):
    assert min(means, key=lambda name: means[name]["lab_distance"]) == "flat fill"


def test_light_that_is_scaled_is_nearer_the_truth_than_a_flat_fill(means):
    assert max(means[name]["inside"] for name in LINEAR) < means["flat fill"]["inside"]


def test_swaps_that_keep_the_photos_lightness_are_farthest_from_the_truth(means):
    swaps = {"HSV swap (keep V)", "Lab swap (keep L)", "0.7 Lab swap + 0.3 multiply"}
    by_error = sorted(means, key=lambda name: means[name]["inside"])
    assert set(by_error[-3:]) == swaps


@pytest.mark.parametrize("name", BASELINES)
def test_nothing_outside_the_mask_changes(name, photo, wall_alpha):
    painted = BASELINES[name](photo, wall_alpha, SAGE)
    assert painted.shape == photo.shape
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted[wall_alpha == 0], photo[wall_alpha == 0])
    assert (painted[wall_alpha == 1] != photo[wall_alpha == 1]).any()


@pytest.mark.parametrize("name", BASELINES)
def test_half_a_mask_changes_less_than_a_whole_one(name, photo, wall_alpha, wall):
    whole, half = (BASELINES[name](photo, mask, SAGE).astype(int) for mask in (wall_alpha, 0.6 * wall_alpha))
    change, less = (np.abs(picture - photo)[wall].mean() for picture in (whole, half))
    assert 0.4 * change < less < 0.8 * change


def test_a_flat_fill_is_flat(photo, wall_alpha, wall):
    np.testing.assert_array_equal(np.unique(flat_fill(photo, wall_alpha, SAGE)[wall], axis=0), [SAGE.rgb8])


def test_an_hsv_swap_keeps_the_largest_channel(photo, wall_alpha, wall):
    painted = hsv_swap(photo, wall_alpha, SAGE)
    difference = painted.max(axis=-1).astype(int) - photo.max(axis=-1)
    assert np.abs(difference[wall]).max() <= 1


def test_a_lab_swap_keeps_lightness_and_takes_the_colours_hue(photo, wall_alpha, wall):
    before, after = (srgb_to_lab(picture / 255)[wall] for picture in (photo, lab_swap(photo, wall_alpha, SAGE)))
    assert np.abs(after[:, 0] - before[:, 0]).max() < 1.5
    assert np.abs(after[:, 1:] - SAGE.lab[1:]).max() < 2.5


def test_the_visualisers_recipe_is_its_two_parts(photo, wall_alpha, wall):
    recipe = lab_swap_and_multiply(photo, wall_alpha, SAGE)
    parts = 0.7 * lab_swap(photo, wall_alpha, SAGE) + 0.3 * photo * np.array(SAGE.rgb8) / 255
    assert np.abs(recipe - parts)[wall].max() <= 0.5


def test_a_lightness_shift_has_the_references_mean_and_seven_tenths_of_the_variation(photo, wall_alpha, wall):
    before, after = (srgb_to_lab(picture / 255) for picture in (photo, lightness_shift(photo, wall_alpha, SAGE)))
    assert after[wall, 0].mean() == pytest.approx(SAGE.lab[0], abs=0.5)
    assert after[wall, 0].std() == pytest.approx(0.7 * before[wall, 0].std(), rel=0.05)


def test_a_mean_shift_has_the_references_mean_and_all_of_the_variation(photo, wall_alpha, wall):
    before, after = (srgb_to_lab(picture / 255)[wall] for picture in (photo, mean_shift(photo, wall_alpha, SAGE)))
    np.testing.assert_allclose(after.mean(axis=0), SAGE.lab, atol=0.3)
    assert after[:, 0].std() == pytest.approx(before[:, 0].std(), rel=0.02)


@pytest.mark.parametrize("color", [SAGE, Color.from_rgb8((47, 72, 88)), Color.from_rgb8((150, 60, 40))])
def test_linear_gain_brings_the_median_to_the_reference(photo, wall_alpha, color):
    median = wall_median(linear_gain(photo, wall_alpha, color), wall_alpha > 0.5)
    assert np.abs(median - color.rgb8).max() <= 1


@pytest.mark.parametrize("paint", [(0.3, 0.3, 0.3), (0.46, 0.38, 0.28)], ids=["grey", "beige"])
def test_in_neutral_light_linear_gain_and_luminance_shading_are_one(paint, wall):
    photo, mask = synthetic_room.room(paint, 0.7 * synthetic_room.even_falloff()), wall.astype(np.float32)
    gained, shaded = (method(photo, mask, SAGE).astype(int) for method in (linear_gain, luminance_shading))
    assert np.abs(gained - shaded)[wall].max() <= 2  # the photo's bytes are rounded in each channel


def test_luminance_shading_takes_the_tint_of_light_away_and_linear_gain_keeps_it(wall_alpha, wall):
    _, x = synthetic_room.grid()
    warm = 0.6 + 0.3 * x[..., None] / synthetic_room.WIDTH * np.array([1, 0, -1])
    photo = synthetic_room.to_bytes(0.4 * np.where(wall_alpha[..., None] > 0, warm, 0.2))
    white = Color.from_rgb8((150, 150, 150))
    plain, kept = (method(photo, wall_alpha, white).astype(int)[wall] for method in (luminance_shading, linear_gain))
    assert np.abs(plain[:, 0] - plain[:, 2]).max() <= 1
    assert np.abs(kept[:, 0] - kept[:, 2]).max() > 20


@pytest.mark.parametrize("name", BASELINES)
def test_only_the_linear_models_mix_light_and_not_bytes(name, wall, wall_alpha):
    photo, white = synthetic_room.room(synthetic_room.DARK_GREEN), Color.from_rgb8((230, 230, 230))
    whole, blended = (BASELINES[name](photo, share * (wall_alpha > 0.5), white)[wall] / 255 for share in (1, 0.6))
    before = photo[wall] / 255
    mixed_bytes = 0.4 * before + 0.6 * whole
    mixed_light = linear_to_srgb(0.4 * srgb_to_linear(before) + 0.6 * srgb_to_linear(whole))
    unclipped = whole < 1
    off_bytes, off_light = (255 * np.abs(mixed - blended)[unclipped].mean() for mixed in (mixed_bytes, mixed_light))
    assert (off_light < 1 < off_bytes) if name in LINEAR else (off_bytes < 1)


def test_a_black_wall_does_not_break_the_gains(wall_alpha, wall):
    black = synthetic_room.room((0, 0, 0))
    for name in LINEAR:
        painted = BASELINES[name](black, wall_alpha, SAGE)
        assert painted[wall].max() <= 255 * linear_to_srgb(np.array(0.02))
