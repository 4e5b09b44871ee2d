import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from wallpaint.errors import SettingError, WallpaintWarning
from wallpaint.reference import METHODS, extract_dominant_color, interpolated_median, wall_median

RED, GREEN, BLUE = (200, 40, 30), (40, 160, 60), (20, 30, 120)


def stripes(*parts):
    """(40, n, 3) uint8: for each (colour, columns) a stripe."""
    return np.repeat(
        np.concatenate([np.full((1, columns, 3), color) for color, columns in parts], axis=1), 40, 0
    ).astype(np.uint8)


def whole(pixels):
    return np.ones(pixels.shape[:2], bool)


@pytest.mark.parametrize("method", METHODS)
def test_one_colour_is_its_own_dominant_colour(method):
    pixels = stripes((RED, 20))
    assert extract_dominant_color(pixels, whole(pixels), method) == RED


@pytest.mark.parametrize("method", METHODS)
def test_only_masked_pixels_count(method):
    pixels = stripes((RED, 10), (BLUE, 30))
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[:, :10] = 255
    assert extract_dominant_color(pixels, mask, method) == RED


def test_the_median_is_each_channels_own():
    pixels = stripes(((10, 90, 50), 3), ((20, 80, 60), 3), ((30, 70, 10), 3))
    assert extract_dominant_color(pixels, whole(pixels)) == (20, 80, 50)


def test_a_lamp_changes_the_mean_and_not_the_median():
    pixels = stripes((RED, 30), ((255, 255, 255), 10))
    assert extract_dominant_color(pixels, whole(pixels), "median") == RED
    assert extract_dominant_color(pixels, whole(pixels), "mean") == (214, 94, 86)  # 3/4 red + 1/4 white, rounded


def test_kmeans_finds_the_larger_of_two_clusters_where_the_mean_finds_neither():
    pixels = stripes((GREEN, 38), (BLUE, 62))
    assert extract_dominant_color(pixels, whole(pixels), "kmeans") == BLUE
    mean = np.array(extract_dominant_color(pixels, whole(pixels), "mean"))
    assert min(np.abs(mean - BLUE).max(), np.abs(mean - GREEN).max()) > 30


def test_kmeans_finds_the_largest_of_three_noisy_clusters():
    grain = np.random.default_rng(1).normal(0, 3, (40, 150, 3))
    pixels = np.clip(stripes((GREEN, 45), (BLUE, 65), (RED, 40)) + grain, 0, 255).astype(np.uint8)
    assert np.abs(np.array(extract_dominant_color(pixels, whole(pixels), "kmeans")) - BLUE).max() <= 2


def test_kmeans_gives_the_same_colour_every_time():
    pixels = np.random.default_rng(2).integers(0, 256, (120, 120, 3), dtype=np.uint8)
    first = extract_dominant_color(pixels, whole(pixels), "kmeans")
    assert extract_dominant_color(pixels, whole(pixels), "kmeans") == first


def test_the_default_method_is_the_median():
    pixels = stripes((RED, 30), (BLUE, 11))
    assert extract_dominant_color(pixels, whole(pixels)) == RED


def test_an_unknown_method_is_refused():
    pixels = stripes((RED, 20))
    with pytest.raises(SettingError, match="median, mean, kmeans"):
        extract_dominant_color(pixels, whole(pixels), "mode")


@pytest.mark.parametrize(("value", "counts"), [(127, False), (128, True)])
def test_a_byte_is_masked_above_127(value, counts):
    pixels = stripes((RED, 10), (BLUE, 30))
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[:, :10] = value
    mask[:20, 10:] = 255
    assert extract_dominant_color(pixels, mask) == BLUE
    mask[:20, 10:] = 127
    if counts:
        assert extract_dominant_color(pixels, mask) == RED
    else:
        with pytest.warns(WallpaintWarning, match="only 0 pixels"):
            extract_dominant_color(pixels, mask)


@pytest.mark.parametrize(
    "as_given",
    [lambda m: m, lambda m: m.astype(np.float32), lambda m: np.where(m, 0.51, 0.5), lambda m: Image.fromarray(m)],
    ids=["bool", "float32", "just above a half", "1-bit image"],
)
def test_masks_of_every_kind_mean_the_same(as_given):
    pixels = stripes((RED, 10), (BLUE, 30))
    mask = np.zeros(pixels.shape[:2], bool)
    mask[:, :10] = True
    assert extract_dominant_color(Image.fromarray(pixels), as_given(mask)) == RED


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("masked", "enough"), [(0, False), (99, False), (100, True)])
def test_with_fewer_than_a_hundred_pixels_the_whole_image_is_averaged_with_a_warning(method, masked, enough):
    pixels = stripes((RED, 10), (BLUE, 30))
    mask = np.zeros(pixels.shape[:2], bool)
    mask[:10, :10] = np.arange(100).reshape(10, 10) < masked
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", WallpaintWarning)
        color = extract_dominant_color(pixels, mask, method)
    if enough:
        assert color == RED
        assert not told
    else:
        assert color == (65, 32, 98)  # 1/4 red + 3/4 blue, rounded to even
        assert [w.category for w in told] == [WallpaintWarning]
        assert str(told[0].message).startswith(f"only {masked} pixels are masked")


def test_the_colour_is_three_plain_integers():
    pixels = stripes((RED, 20))
    assert [type(channel) for channel in extract_dominant_color(pixels, whole(pixels))] == [int] * 3


@given(
    arrays(np.uint8, (7, 6, 3)),
    arrays(np.bool_, (7, 6)).filter(lambda wall: wall.any()),
    st.sampled_from([np.bool_, np.uint8]),
)
def test_the_walls_median_is_the_median_of_its_pixels(pixels, wall, dtype):
    np.testing.assert_array_equal(wall_median(pixels, wall.astype(dtype)), np.median(pixels[wall], axis=0))


def test_the_walls_median_can_be_taken_in_a_window_of_the_photo(room_pixels, wall_mask):
    window = (slice(5, 90), slice(11, 200))
    found = wall_median(room_pixels[window], wall_mask[window])
    np.testing.assert_array_equal(found, np.median(room_pixels[window][wall_mask[window] > 0], axis=0))


@given(st.floats(20, 230), st.floats(2, 12))
def test_the_interpolated_median_is_that_of_the_values_before_rounding(middle, spread):
    values = middle + spread * np.linspace(-1, 1, 30_001)
    pixels = np.repeat(np.rint(values).astype(np.uint8)[None, :, None], 3, axis=2)
    assert interpolated_median(pixels, np.ones(pixels.shape[:2], bool)) == pytest.approx(middle, abs=0.01)


def test_the_interpolated_median_of_one_colour_is_that_colour():
    pixels = np.full((4, 5, 3), (9, 99, 200), np.uint8)
    np.testing.assert_array_equal(interpolated_median(pixels, np.ones((4, 5), bool)), [9, 99, 200])
