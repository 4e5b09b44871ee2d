import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.albedo.log_light import LN_OF_LOG_LIGHT, LOG_LIGHT_COUNT, LOG_LIGHT_OF_ONE
from wallpaint.albedo.tone_response import (
    ClosedFormInterreflection,
    contrast_factor,
    display_curve,
    reflectances,
    tone_response_curve,
)
from wallpaint.mask import find_region

REFLECTANCE = st.floats(1e-4, 0.85)
LIGHT = st.floats(1e-5, 1)
CONTRAST = st.floats(0.2, 1)
SLOPE = st.floats(0.04, 0.26)
MIDDLE = st.integers(LOG_LIGHT_OF_ONE - 4000, LOG_LIGHT_OF_ONE + 4000)
LARGE_WALL = ClosedFormInterreflection(0.4, 0.26)


def shading_depth(interreflection, old, new):
    """How many times deeper a shadow of half the light shows after painting, in ln."""
    curve = LN_OF_LOG_LIGHT[tone_response_curve(interreflection, old, new, 0.2, LOG_LIGHT_OF_ONE)]
    shadow = LOG_LIGHT_OF_ONE - round(4096 * np.log(2))
    return (curve[LOG_LIGHT_OF_ONE] - curve[shadow]) / np.log(2)


@given(SLOPE, REFLECTANCE, REFLECTANCE, LIGHT, MIDDLE, CONTRAST)
def test_the_response_never_decreases(slope, old, new, aim, middle, contrast):
    painted = tone_response_curve(ClosedFormInterreflection(0.4, slope), old, new, aim, middle, contrast)
    assert painted.shape == (LOG_LIGHT_COUNT,)
    assert painted.dtype == np.uint16
    assert (np.diff(painted.astype(int)) >= 0).all()


@given(SLOPE, REFLECTANCE, REFLECTANCE, LIGHT, MIDDLE, CONTRAST)
def test_the_walls_median_gets_the_aim(slope, old, new, aim, middle, contrast):
    painted = tone_response_curve(ClosedFormInterreflection(0.4, slope), old, new, aim, middle, contrast)
    aimed = LN_OF_LOG_LIGHT[painted[middle]]
    assert aimed == pytest.approx(max(np.log(aim), LN_OF_LOG_LIGHT[0]), abs=2e-4)


@given(REFLECTANCE, LIGHT)
def test_paint_of_the_same_reflectance_keeps_the_shading(paint, aim):
    painted = LN_OF_LOG_LIGHT[tone_response_curve(LARGE_WALL, paint, paint, aim, LOG_LIGHT_OF_ONE)]
    within = slice(LOG_LIGHT_OF_ONE - 8000, LOG_LIGHT_OF_ONE + 8000)
    expected = np.maximum(np.log(aim) + LN_OF_LOG_LIGHT, LN_OF_LOG_LIGHT[0])
    np.testing.assert_allclose(painted[within], expected[within], atol=2e-4)


def test_without_returned_light_the_shading_stays():
    assert shading_depth(ClosedFormInterreflection(0, 0), 0.05, 0.85) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("old", "new"), [(0.1, 0.8), (0.3, 0.6), (0.02, 0.85)])
def test_shadows_get_lighter_between_paler_walls_and_darker_between_darker_ones(old, new):
    assert shading_depth(LARGE_WALL, old, new) < 0.97
    assert shading_depth(LARGE_WALL, new, old) > 1.03


def test_contrast_scales_the_log_shading():
    full, half = (
        LN_OF_LOG_LIGHT[tone_response_curve(LARGE_WALL, 0.3, 0.3, 0.2, LOG_LIGHT_OF_ONE, contrast)]
        for contrast in (1, 0.5)
    )
    shadow = LOG_LIGHT_OF_ONE - 3000
    assert (half[LOG_LIGHT_OF_ONE] - half[shadow]) == pytest.approx(
        0.5 * (full[LOG_LIGHT_OF_ONE] - full[shadow]), abs=1e-3
    )


@given(st.floats(-9, 7))
def test_returned_light_is_a_share(log_shading):
    assert 0 <= LARGE_WALL.returned(log_shading) <= 0.8


def test_more_light_returns_where_it_is_dark():
    assert LARGE_WALL.returned(-1.0) > LARGE_WALL.returned(0.0) > LARGE_WALL.returned(1.0)


def test_the_slope_grows_with_the_walls_extent(room_pixels):
    slopes = []
    for rows in (20, 100, 150):
        mask = np.zeros(room_pixels.shape[:2], np.float32)
        mask[:rows] = 1
        slopes.append(ClosedFormInterreflection.of_region(find_region(room_pixels, mask, "hard")).slope)
    assert slopes == sorted(slopes)
    assert 0.04 <= slopes[0] < slopes[-1] <= 0.26


@given(st.tuples(LIGHT, LIGHT, LIGHT), st.tuples(LIGHT, LIGHT, LIGHT))
def test_reflectances_keep_their_ratio_and_the_palest_is_white_paint(old, new):
    old, new = np.array(old), np.array(new)
    was, becomes = reflectances(old, new)
    np.testing.assert_allclose(becomes / was, new / old)
    assert max(was.max(), becomes.max()) == pytest.approx(0.85)
    assert min(was.min(), becomes.min()) > 0


@given(st.floats(0, 3), st.floats(0, 3))
def test_contrast_is_reduced_only_without_headroom(needed, room):
    contrast = contrast_factor(needed, room)
    assert 0.2 < contrast <= 1
    assert (contrast == 1) == (needed <= room)


@given(st.floats(0.01, 3), st.floats(0, 3), st.floats(0, 3))
def test_more_headroom_never_gives_less_contrast(needed, room, more):
    assert contrast_factor(needed, room + more) >= contrast_factor(needed, room)


BRIGHTEST = st.integers(LOG_LIGHT_OF_ONE - 8000, LOG_LIGHT_OF_ONE + 8000)


@given(st.floats(0, 1), BRIGHTEST)
def test_the_display_curve_never_decreases(aim, brightest):
    shown = display_curve(aim, brightest)
    assert shown.shape == (LOG_LIGHT_COUNT,)
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert (np.diff(shown) >= -1e-12).all()


@given(st.floats(0.001, 0.98), BRIGHTEST)
def test_only_light_beyond_the_brightest_clips(aim, brightest):
    shown = display_curve(aim, brightest)
    below = shown[: brightest + 1]
    assert (np.diff(below) > 0).all()
    assert (below[:-1] < 1).all()
    assert below[-1] == pytest.approx(min(1, np.exp(LN_OF_LOG_LIGHT[brightest])))


@given(st.floats(0, 1), st.integers(0, LOG_LIGHT_OF_ONE))
def test_with_headroom_light_is_displayed_unchanged(aim, brightest):
    light = np.exp(LN_OF_LOG_LIGHT)
    np.testing.assert_array_equal(display_curve(aim, brightest), np.minimum(light, 1))


@given(st.floats(0.001, 1), st.integers(LOG_LIGHT_OF_ONE + 1, LOG_LIGHT_OF_ONE + 8000))
def test_the_aim_and_darker_light_are_displayed_unchanged(aim, brightest):
    light = np.exp(LN_OF_LOG_LIGHT)
    darker = light <= aim
    np.testing.assert_array_equal(display_curve(aim, brightest)[darker], light[darker])


def test_the_shoulder_starts_with_slope_one():
    shown = display_curve(0.4, LOG_LIGHT_OF_ONE + 4096)
    slope = np.diff(shown) / np.diff(np.exp(LN_OF_LOG_LIGHT))
    start = int(np.searchsorted(np.exp(LN_OF_LOG_LIGHT), 0.6))
    assert slope[start - 5] == pytest.approx(1)
    assert slope[start + 5] == pytest.approx(1, abs=0.02)
