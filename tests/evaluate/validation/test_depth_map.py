import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wallpaint.errors import SettingError, WallpaintWarning
from wallpaint.evaluate import normalize_depth_map

RAMP = np.tile(np.linspace(0.1, 2.5, 256, dtype=np.float32), (4, 1))


def inferno(shade):
    """(R, G, B) that OpenCV's colormap gives a byte."""
    return cv2.applyColorMap(np.array([[shade]], np.uint8), cv2.COLORMAP_INFERNO)[0, 0, ::-1]


def test_a_ramp_runs_through_the_whole_colormap_from_least_to_greatest():
    picture = normalize_depth_map(RAMP)
    assert picture.shape == (4, 256, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[0], np.array([inferno(shade) for shade in range(256)]))


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_unit_and_origin_of_a_depth_map_do_not_matter(scale, offset):
    difference = normalize_depth_map(scale * RAMP.astype(np.float64) + offset).astype(int) - normalize_depth_map(RAMP)
    assert np.abs(difference).max() <= 8  # rounding at the border of two shades


@given(arrays.arrays(np.float32, (3, 5), elements=st.floats(width=32)))
@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
def test_any_numbers_give_a_picture(values):
    assert normalize_depth_map(values).shape == (3, 5, 3)


def test_a_stray_value_does_not_darken_the_rest():
    values = np.tile(RAMP, (25, 1))
    values[0, 0] = 1e6
    np.testing.assert_array_equal(normalize_depth_map(values)[1], normalize_depth_map(RAMP)[0])


def test_what_is_not_finite_is_shown_at_the_ends():
    values = RAMP.copy()
    values[0, 100:103] = np.nan, np.inf, -np.inf
    picture = normalize_depth_map(values)
    np.testing.assert_array_equal(picture[0, 100:103], [inferno(0), inferno(255), inferno(0)])
    np.testing.assert_array_equal(picture[1:], normalize_depth_map(RAMP)[1:])


@pytest.mark.parametrize(
    ("value", "says"), [(0.7, "are equal"), (0.0, "are equal"), (np.nan, "finite"), (np.inf, "finite")]
)
def test_a_constant_map_is_one_middle_colour_with_a_warning(value, says):
    with pytest.warns(WallpaintWarning, match=says):
        picture = normalize_depth_map(np.full((3, 5), value))
    assert (picture == inferno(127)).all()


@pytest.mark.parametrize("shape", [(1, 4, 256), (4, 256, 1), (1, 1, 4, 256)])
def test_axes_of_length_one_are_passed_over(shape):
    np.testing.assert_array_equal(normalize_depth_map(RAMP.reshape(shape)), normalize_depth_map(RAMP))


def test_a_tensor_is_taken_as_well():
    torch = pytest.importorskip("torch")
    np.testing.assert_array_equal(normalize_depth_map(torch.from_numpy(RAMP)[None]), normalize_depth_map(RAMP))


def test_another_colormap_gives_other_colours():
    assert (normalize_depth_map(RAMP, "viridis") != normalize_depth_map(RAMP)).any()


@pytest.mark.parametrize(
    ("depth", "colormap", "says"),
    [
        (RAMP, "infrared", "no colormap 'infrared'.*inferno"),
        (np.zeros((4, 4, 3)), "inferno", r"\(4, 4, 3\)"),
        (np.zeros((0, 4)), "inferno", r"\(0, 4\)"),
        (np.array([["near", "far"]]), "inferno", "numbers"),
        (None, "inferno", "numbers"),
    ],
)
def test_what_is_no_depth_map_is_refused(depth, colormap, says):
    with pytest.raises(SettingError, match=says):
        normalize_depth_map(depth, colormap)
