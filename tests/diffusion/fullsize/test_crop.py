import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.diffusion.fullsize.crop import crop_of
from wallpaint.errors import SettingError
from wallpaint.mask import MixedPixels, WallRegion
from wallpaint.photo import linear_to_bytes

NOTHING_MIXED = MixedPixels(
    np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32), np.empty((0, 3), np.float32)
)


def region_of(shape, rows, columns):
    """A wall that is a rectangle of a photo."""
    alpha = np.zeros(shape, np.float32)
    alpha[rows, columns] = 1
    return WallRegion(alpha, (rows, columns), 0, NOTHING_MIXED, alpha > 0.5)


@st.composite
def regions(draw):
    shape = draw(st.tuples(st.integers(8, 900), st.integers(8, 900)))
    spans = []
    for side in shape:
        start = draw(st.integers(0, side - 1))
        spans.append(slice(start, draw(st.integers(start + 1, side))))
    return region_of(shape, *spans)


def lengths(window):
    return np.array([span.stop - span.start for span in window])


@given(regions(), st.sampled_from([(128, 16), (128, 64), (512, 64), (64, 8)]))
def test_a_crop_contains_the_wall_and_is_within_the_photo(region, working):
    crop = crop_of(region, *working)
    for outer, inner, limit in zip(crop.window, region.window, region.alpha.shape, strict=True):
        assert 0 <= outer.start <= inner.start < inner.stop <= outer.stop <= limit
    assert all(side > 0 and side % working[1] == 0 for side in crop.size)


@given(regions())
def test_a_grid_has_at_most_twice_the_photos_pixels_along_a_side(region):
    crop = crop_of(region, 128, 8)
    assert (np.array(crop.size) <= 2 * lengths(crop.window) + 8).all()


@pytest.mark.parametrize(
    ("shape", "size"), [((600, 800), (448, 576)), ((600, 600), (512, 512)), ((500, 1500), (320, 896))]
)
def test_the_grid_has_the_photos_shape_and_the_working_area(shape, size):
    crop = crop_of(region_of(shape, slice(0, shape[0]), slice(0, shape[1])), 512)
    assert crop.size == size
    assert 0.85 < size[0] * size[1] / 512**2 < 1.15


def test_the_crop_of_a_wall_in_the_middle_has_context_and_no_stretch():
    crop = crop_of(region_of((1000, 1000), slice(400, 600), slice(300, 700)), 256, 16)
    rows, columns = crop.window
    assert columns == slice(240, 760)
    assert rows.start <= 340
    assert rows.stop >= 660
    height, width = lengths(crop.window)
    assert height / width == pytest.approx(crop.size[0] / crop.size[1], rel=0.01)


def test_a_small_wall_gets_more_context_instead_of_enlargement():
    crop = crop_of(region_of((1000, 1000), slice(0, 20), slice(500, 520)), 512)
    assert crop.size == (512, 512)
    assert (lengths(crop.window) == 256).all()


def test_a_photo_too_small_for_the_model_gets_a_smaller_grid():
    assert crop_of(region_of((64, 64), slice(0, 64), slice(0, 64)), 512).size == (128, 128)


LEAST_COUNTED = 0.002  # of a pixel; OpenCV leaves out overlaps of up to 0.001 when it averages over areas


@given(regions(), st.sampled_from([(128, 16), (512, 64)]))
def test_every_pixel_with_a_share_of_wall_is_masked(region, working):
    crop = crop_of(region, *working)
    alpha = region.alpha[crop.window]
    steps = [
        np.floor((np.arange(side) + LEAST_COUNTED) * grid / side).astype(int)
        for side, grid in zip(alpha.shape, crop.size, strict=True)
    ]
    where = np.argwhere(alpha > 0)
    masked = crop.shrink_mask(region.alpha)
    assert masked.shape == crop.size
    assert masked[steps[0][where[:, 0]], steps[1][where[:, 1]]].all()


def test_the_smallest_share_of_wall_is_masked_and_nothing_else():
    region = region_of((256, 256), slice(0, 256), slice(0, 128))
    region.alpha[:, 100:128] = 1e-3
    crop = crop_of(region, 64, 8)
    share_of_window = 128 / lengths(crop.window)[1]
    masked = crop.shrink_mask(region.alpha)
    reached = int(np.ceil(share_of_window * crop.size[1]))
    assert masked[:, :reached].all()
    assert not masked[:, reached:].any()


def test_light_is_averaged_and_not_bytes():
    pixels = np.zeros((128, 128, 3), np.uint8)
    pixels[:, ::2] = 255
    crop = crop_of(region_of((128, 128), slice(0, 128), slice(0, 128)), 64, 8)
    assert (crop.shrink(pixels) == linear_to_bytes(np.array(0.5))).all()


def test_only_marked_light_is_averaged():
    window, marked = np.full((128, 128, 3), 200, np.uint8), np.zeros((128, 128), np.uint8)
    window[:, 1::2], marked[:, 1::2] = 100, 1
    light, share = crop_of(region_of((128, 128), slice(0, 128), slice(0, 128)), 64, 8).shrink_light(window, marked)
    np.testing.assert_allclose(share, 0.5)
    assert (linear_to_bytes(light) == 100).all()


@given(regions())
def test_a_uniform_picture_is_unchanged_by_shrinking_and_enlarging(region):
    crop = crop_of(region, 64, 8)
    small = crop.shrink(np.full((*region.alpha.shape, 3), (10, 120, 250), np.uint8))
    assert small.shape == (*crop.size, 3)
    large = crop.enlarge(small)
    assert large.shape == (*lengths(region.window), 3)
    assert (large == (10, 120, 250)).all()


def test_a_gradient_is_enlarged_to_its_place():
    region = region_of((240, 320), slice(40, 200), slice(60, 300))
    crop = crop_of(region, 96, 8)
    y, x = np.mgrid[:240, :320].astype(np.float32)
    slope = 0.2 + 0.001 * x + 0.002 * y
    rows, columns = crop.window
    fine = [np.linspace(span.start, span.stop, side + 1) for span, side in zip((rows, columns), crop.size, strict=True)]
    centres = [(edges[:-1] + edges[1:]) / 2 - 0.5 for edges in fine]
    coarse = (0.2 + 0.001 * centres[1][None] + 0.002 * centres[0][:, None]).astype(np.float32)
    np.testing.assert_allclose(crop.enlarge(coarse)[5:-5, 5:-5], slope[region.window][5:-5, 5:-5], atol=1e-4)


@pytest.mark.parametrize(("working", "multiple"), [(32, 64), (0, 64), (512, 0)])
def test_an_impossible_working_size_is_refused(working, multiple):
    with pytest.raises(SettingError, match="working size cannot be"):
        crop_of(region_of((64, 64), slice(0, 64), slice(0, 64)), working, multiple)
