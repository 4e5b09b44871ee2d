import io
import warnings

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wallpaint.errors import MaskError, WallpaintWarning
from wallpaint.mask import as_mask, is_soft, is_wall, read_mask
from wallpaint.mask.modes import stretched
from wallpaint.mask.noise import without_islands

pytestmark = pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")


def wall(height=120, width=160, seed=0):
    """(H, W) bool: a wall above a floor, with a picture and a round lamp before it; moved about by the seed."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    mask[: rng.integers(height // 2, height - 15)] = 1
    top, left = rng.integers(15, 30), rng.integers(10, width // 2)
    mask[top : top + 25, left : left + 35] = 0
    cv2.circle(mask, (int(rng.integers(width // 2, width)), int(rng.integers(20, height // 2))), 14, 0, -1)
    return mask > 0


def drawn(where, rest, white):
    return np.where(where, white, rest).astype(np.uint8)


def saved(pixels, kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def resaved(pixels, kind, **options):
    return np.asarray(Image.open(io.BytesIO(saved(pixels, kind, **options))).convert("L"))


def away_from_edges(where, pixels=12):
    """(H, W) bool twice: far inside, and far outside."""
    sides = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (where, ~where)
    )
    inside, outside = (side > pixels for side in sides)
    return inside, outside


pairs = st.tuples(st.integers(0, 255), st.integers(0, 255)).filter(lambda pair: pair[1] > pair[0])


@given(pairs, st.integers(0, 30))
@settings(max_examples=60)
def test_any_two_greys_are_rest_and_wall(greys, seed):
    where = wall(seed=seed)
    np.testing.assert_array_equal(as_mask(drawn(where, *greys), where.shape), where)


@given(pairs.filter(lambda pair: pair[1] - pair[0] >= 60), st.integers(1, 12), st.integers(0, 30), st.booleans())
@settings(max_examples=60)
def test_noise_around_two_greys_leaves_nothing_outside_and_all_of_the_wall(greys, noise, seed, gaussian):
    where, rng = wall(seed=seed), np.random.default_rng(seed)
    spread = rng.normal(0, noise / 2, where.shape) if gaussian else rng.integers(-noise, noise + 1, where.shape)
    noisy = (drawn(where, *greys) + spread).clip(0, 255).round().astype(np.uint8)
    mask = as_mask(noisy, where.shape)
    np.testing.assert_array_equal(mask[~where], 0)
    np.testing.assert_array_equal(mask[where], 1)


@given(
    st.sampled_from([(0, 255), (10, 245), (16, 235), (0, 178), (40, 200)]),
    st.integers(10, 95),
    st.integers(0, 30),
)
@settings(max_examples=60)
def test_jpeg_fringes_around_two_greys_leave_a_binary_mask(greys, quality, seed):
    where = wall(seed=seed)
    for mask in (
        as_mask(resaved(drawn(where, *greys), "JPEG", quality=quality), where.shape),
        read_mask(saved(drawn(where, *greys), "JPEG", quality=quality), where.shape),
    ):
        inside, outside = away_from_edges(where)
        assert mask[outside].max() == 0
        assert mask[inside].min() == 1
        assert not is_soft(mask)
        assert np.mean(is_wall(mask) != where) < 0.005


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
@pytest.mark.parametrize("quality", [20, 60, 90])
@pytest.mark.parametrize("greys", [(0, 255), (16, 235), (0, 178)])
def test_other_lossy_files_of_two_greys_are_binary_masks(kind, quality, greys):
    where = wall()
    mask = read_mask(saved(np.dstack([drawn(where, *greys)] * 3), kind, quality=quality), where.shape)
    inside, outside = away_from_edges(where)
    assert mask[outside].max() == 0
    assert mask[inside].min() == 1
    assert np.mean(is_wall(mask) != where) < 0.005


@given(st.floats(0.8, 5), st.integers(0, 30))
@settings(max_examples=40)
def test_a_smooth_edge_between_black_and_white_is_used_unchanged(sigma, seed):
    alpha = cv2.GaussianBlur(wall(seed=seed).astype(np.float32), (0, 0), sigma)
    eight_bit = (255 * alpha).round().astype(np.uint8)
    mask = as_mask(eight_bit, alpha.shape)
    # a wide tail ends in steps of one byte, of which the last may be taken for black or white
    np.testing.assert_allclose(mask, eight_bit / 255, atol=0.02)
    assert is_soft(mask)


@given(st.floats(0.8, 6), pairs.filter(lambda pair: pair[1] - pair[0] >= 60), st.integers(0, 30))
@settings(max_examples=40)
def test_a_smooth_edge_between_two_greys_is_stretched(sigma, greys, seed):
    alpha = cv2.GaussianBlur(wall(seed=seed).astype(np.float32), (0, 0), sigma)
    grey = (greys[0] + alpha * (greys[1] - greys[0])).round().astype(np.uint8)
    np.testing.assert_allclose(as_mask(grey, alpha.shape), alpha, atol=0.04)


@pytest.mark.parametrize("scale", [2, 4])
def test_half_tones_scaled_up_without_smoothing_are_no_third_grey(scale):
    alpha = cv2.GaussianBlur(wall(480 // scale, 640 // scale).astype(np.float32), (0, 0), 0.7)
    large = np.kron((255 * alpha).round().astype(np.uint8), np.ones((scale, scale), np.uint8))
    np.testing.assert_allclose(as_mask(large, large.shape), large / 255, atol=0.02)


def test_a_ramp_over_the_whole_picture_is_used_unchanged():
    ramp = np.tile(np.linspace(0, 255, 300).round().astype(np.uint8), (100, 1))
    np.testing.assert_allclose(as_mask(ramp, ramp.shape), ramp / 255, atol=0.02)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16])
def test_masks_of_more_than_8_bits_are_stretched_too(dtype):
    where = wall()
    full = 65535 if dtype == np.uint16 else 1
    soft = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2)
    mask = as_mask(((0.1 + 0.6 * soft) * full).astype(dtype), where.shape)
    np.testing.assert_allclose(mask, soft, atol=0.01)


def test_resampling_that_overshoots_is_clipped():
    where = wall()
    overshot = where.astype(np.float32) * np.float32(1.0000002)
    np.testing.assert_array_equal(as_mask(overshot, where.shape), where)


def test_a_transparent_brush_paints_wall():
    where = wall()
    for opacity in (130, 178, 250):
        layer = np.dstack([np.full((*where.shape, 3), 255, np.uint8), drawn(where, 0, opacity)])
        np.testing.assert_array_equal(as_mask(layer, where.shape), where)


@given(st.lists(st.integers(0, 255), min_size=3, max_size=6, unique=True), st.integers(0, 30))
@settings(max_examples=80)
def test_maps_of_more_than_two_classes_are_refused_with_their_values(classes, seed):
    edges = np.linspace(0, 120, len(classes) + 1).round().astype(int)
    picture = np.zeros((120, 160), np.uint8)
    for value, top, bottom in zip(classes, edges[:-1], edges[1:], strict=True):
        picture[top:bottom] = value
    low, *between, high = sorted(classes)
    if all(value >= high - 16 / 255 * (high - low) for value in between):
        return  # greys next to white are white
    if len(classes) == 3 and between[0] in range(122, 134) and low <= 16 and high >= 239:
        return  # a trimap, if there is little of its middle grey
    with pytest.raises(MaskError) as caught:
        as_mask(picture, picture.shape)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert f"drawn in {len(classes)} greys" in message
    for value in classes:
        assert f" {value} (" in message


@pytest.mark.parametrize("quality", [40, 70, 90])
def test_a_map_of_classes_is_refused_through_jpeg(quality):
    picture = np.repeat(np.array([0, 85, 170, 255], np.uint8), 40)[None].repeat(120, 0)
    with pytest.raises(MaskError, match="drawn in 4 greys"):
        read_mask(saved(picture, "JPEG", quality=quality), picture.shape)


def test_a_noisy_map_of_classes_is_refused():
    picture = np.repeat(np.array([20, 90, 160, 230]), 40)[None].repeat(120, 0)
    noisy = (picture + np.random.default_rng(0).integers(-9, 10, picture.shape)).astype(np.uint8)
    with pytest.raises(MaskError, match="drawn in 4 greys"):
        as_mask(noisy, noisy.shape)


@pytest.mark.parametrize("middle", [127, 128])
def test_the_unknown_of_a_trimap_is_settled_by_what_is_nearer(middle):
    where = wall(240, 320)
    inside, outside = away_from_edges(where, 4)
    trimap = np.full(where.shape, middle, np.uint8)
    trimap[inside], trimap[outside] = 255, 0
    with pytest.warns(WallpaintWarning, match=rf"{middle} \(\d+\.\d%\) is read as unknown, as in a trimap"):
        mask = as_mask(trimap, trimap.shape)
    assert set(np.unique(mask)) == {0, 1}
    inside, outside = away_from_edges(where, 2)
    assert mask[inside].min() == 1
    assert mask[outside].max() == 0


def test_a_large_middle_grey_is_a_class_and_no_trimap():
    picture = np.repeat(np.array([0, 128, 255], np.uint8), 50)[None].repeat(120, 0)
    with pytest.raises(MaskError, match=r"3 greys, 0 \(33%\), 128 \(33%\), 255 \(33%\)"):
        as_mask(picture, picture.shape)


def test_a_grey_photo_is_no_mask():
    rng = np.random.default_rng(0)
    photo = 120 + 60 * cv2.GaussianBlur(rng.normal(0, 8, (120, 160)), (0, 0), 8) + rng.normal(0, 3, (120, 160))
    with pytest.raises(MaskError, match=r"\d+% of its pixels are a texture between .* photo or a drawing"):
        as_mask(photo.clip(0, 255).astype(np.uint8), photo.shape)


def test_a_third_colour_is_refused_with_all_three_named():
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:60] = (200, 0, 0)
    picture[100:, :40] = (0, 200, 0)  # 4 % of the pixels
    with pytest.raises(MaskError, match=r"3 colours, #cc0404 \(50%\), #040404 \(46%\), #04cc04 \(4%\)"):
        as_mask(picture, picture.shape[:2])


def test_a_third_shade_between_two_colours_is_refused():
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:60], picture[60:80] = (255, 0, 0), (128, 0, 0)
    with pytest.raises(MaskError, match=r"drawn in 3 greys, .*#800000"):
        as_mask(picture, picture.shape[:2])


def test_a_palette_of_two_entries_is_a_mask_and_of_three_is_not():
    where = wall()
    image = Image.fromarray(where.astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    np.testing.assert_allclose(read_mask(saved_image(image), where.shape), where, atol=1e-6)
    third = where.astype(np.uint8)
    third[-10:] = 2
    image = Image.fromarray(third, "P")
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    with pytest.raises(MaskError, match="3 colours"):
        read_mask(saved_image(image), where.shape)


def saved_image(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_mask_that_is_not_black_and_white_is_named_in_a_warning():
    where = wall()
    with pytest.warns(WallpaintWarning, match=r"black is 10 and its white 245 of 255; it is read as a binary mask"):
        as_mask(drawn(where, 10, 245), where.shape)
    soft = (100 + 100 * cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2)).round().astype(np.uint8)
    with pytest.warns(WallpaintWarning, match=r"black is 100 and its white 200 of 255; it is stretched"):
        as_mask(soft, where.shape)


def test_black_and_white_are_read_without_a_warning():
    where = wall()
    soft = (255 * cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2)).round().astype(np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_mask(drawn(where, 0, 255), where.shape)
        as_mask(soft, where.shape)
        as_mask(resaved(drawn(where, 0, 255), "JPEG", quality=80), where.shape)


@given(st.integers(1, 4), st.integers(1, 60))
def test_thin_masks_are_read(height, width):
    where = (np.arange(width) < width / 2)[None].repeat(height, 0)
    np.testing.assert_array_equal(stretched(drawn(where, 0, 255), 255), 1 if where.all() else where)


def test_faint_patches_are_removed_unless_connected_to_an_edge():
    alpha = np.zeros((40, 60), np.float32)
    alpha[10:20, 10:20] = 1
    alpha[12:16, 20:23] = 0.03
    alpha[30:34, 40:50] = 0.03
    kept = without_islands(alpha)
    assert kept[13, 21] == np.float32(0.03)
    assert kept[30:34, 40:50].max() == 0
    np.testing.assert_array_equal(without_islands(1 - alpha), 1 - kept)
