import warnings

import cv2
import numpy as np
import pytest
from bad_inputs import CASES, HEIGHT, WIDTH, cases, encoded, wall_mask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wallpaint.errors import EmptyMaskError, FullMaskError, MaskError, MaskSizeError, WallpaintError, WallpaintWarning
from wallpaint.mask import as_mask, erode, is_soft, is_wall, read_mask
from wallpaint.mask.read import looks_inverted

SHAPE = HEIGHT, WIDTH
WALL = wall_mask() > 0


def disc(size=101, radius=30.0, feather=0.0):
    """Alpha of a disc: hard at feather 0, else falling linearly over that many pixels."""
    down, across = np.mgrid[0:size, 0:size] - size // 2
    inside = radius - np.hypot(down, across)
    return (inside > 0).astype(np.float32) if feather == 0 else np.clip(inside / feather + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("name", cases("mask", fails=True))
def test_a_bad_mask_is_refused_in_one_line_that_names_the_file(name, tmp_path):
    path = CASES[name].make(tmp_path)
    with pytest.raises(WallpaintError) as caught:
        read_mask(path, SHAPE)
    assert type(caught.value) is CASES[name].error
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert CASES[name].says in sentence
    assert len(sentence.splitlines()) == 1
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", cases("mask", fails=False))
def test_every_way_to_store_the_mask_gives_the_same_wall(name, tmp_path):
    case = CASES[name]
    path = case.make(tmp_path)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        mask = read_mask(path, SHAPE)
    assert mask.dtype == np.float32
    assert mask.shape == SHAPE
    assert [w.category for w in warned] == [WallpaintWarning] * case.warns
    if case.warns:
        assert str(warned[0].message).startswith(f"{path}: ")
        assert case.says in str(warned[0].message)
    if name == "inverted-looking mask":
        np.testing.assert_array_equal(mask, 1 - WALL)
    elif name == "mask of another size":
        assert set(np.unique(mask)) == {0, 1}
        assert np.mean(is_wall(mask) != WALL) < 0.02
    elif name == "JPEG mask":
        assert set(np.unique(mask)) == {0, 1}
        assert np.mean(is_wall(mask) != WALL) < 0.005
    else:
        np.testing.assert_array_equal(mask, WALL)


def test_the_message_is_the_example_of_the_style_guide(tmp_path):
    path = tmp_path / "wall.png"
    Image.new("L", (1024, 1024)).save(path)
    with pytest.raises(EmptyMaskError) as caught:
        read_mask(path, (1024, 1024))
    expected = "the mask covers no pixel (0 of 1,048,576). White means wall; is it inverted? Try --invert-mask."
    assert str(caught.value) == f"{path}: {expected}"


def test_inverting_swaps_wall_and_rest(tmp_path):
    path = tmp_path / "wall.png"
    Image.fromarray(255 - wall_mask()).save(path)
    np.testing.assert_array_equal(read_mask(path, SHAPE, invert=True), WALL)


def test_the_cure_for_an_inverted_mask_is_not_to_invert_it_again():
    with pytest.raises(EmptyMaskError, match=r"Drop --invert-mask\.$"):
        as_mask(np.ones((4, 4), bool), (4, 4), invert=True)
    with pytest.raises(FullMaskError, match=r"Drop --invert-mask\.$"):
        as_mask(np.zeros((4, 4), bool), (4, 4), invert=True)
    with pytest.warns(WallpaintWarning, match=r"drop --invert-mask\.$"):
        as_mask(WALL, SHAPE, invert=True)


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[274] = 6
    stored = Image.fromarray(wall_mask()).transpose(Image.Transpose.ROTATE_90)
    np.testing.assert_array_equal(read_mask(encoded(stored, "PNG", exif=exif), SHAPE), WALL)


# --- arrays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [
        WALL,
        WALL.astype(np.float64),
        WALL.astype(np.float16),
        wall_mask(),
        wall_mask().astype(np.int64),
        wall_mask().astype(np.uint16) * 257,
        wall_mask().astype(np.uint16),
        wall_mask()[..., None],
        np.repeat(wall_mask()[..., None], 3, axis=-1),
        np.stack([wall_mask() * 0 + 90, wall_mask()], axis=-1),
    ],
    ids=[
        "bool",
        "float64",
        "float16",
        "uint8",
        "int64",
        "uint16",
        "8 bits in uint16",
        "(H, W, 1)",
        "grey RGB",
        "grey + alpha",
    ],
)
def test_arrays_of_every_kind_are_masks(array):
    mask = as_mask(array, SHAPE)
    assert mask.dtype == np.float32
    np.testing.assert_array_equal(mask, WALL)


def test_soft_values_are_kept():
    alpha = disc(feather=8)
    np.testing.assert_array_equal(as_mask(alpha, alpha.shape), alpha)
    eight_bit = (alpha * 255).round().astype(np.uint8)
    np.testing.assert_allclose(as_mask(eight_bit, alpha.shape), alpha, atol=0.5 / 255 + 1e-6)
    sixteen_bit = Image.fromarray((alpha * 65535).round().astype(np.uint16))
    np.testing.assert_allclose(read_mask(encoded(sixteen_bit, "PNG"), alpha.shape), alpha, atol=1e-5)


@pytest.mark.parametrize("white", [1, 128, 254])
def test_two_values_are_wall_and_rest_whatever_the_white(white):
    with pytest.warns(WallpaintWarning, match=f"white is {white} of 255"):
        mask = as_mask(WALL * np.uint8(white), SHAPE)
    np.testing.assert_array_equal(mask, WALL)


@pytest.mark.parametrize(
    ("array", "fault"),
    [
        (WALL * 255.0, "range from 0 to 255"),
        (WALL - 0.5, "range from -0.5 to 0.5"),
        (np.where(WALL, np.nan, 0.0), "range from nan to nan"),
        (WALL * np.int32(70_000), "to 70000"),
        (WALL * np.int8(-1), "from -1"),
        (WALL.astype(complex), "complex"),
        (np.zeros((0, 5)), "no pixels"),
        (np.zeros((4, 4, 5), np.uint8), r"\(4, 4, 5\)"),
        (np.zeros((4, 4, 3)), "float64"),
        (np.zeros(4, np.uint8), r"\(4,\)"),
    ],
)
def test_arrays_that_are_no_masks_are_refused(array, fault):
    with pytest.raises(MaskError, match=fault) as caught:
        as_mask(array, SHAPE)
    assert caught.value.path is None
    assert len(str(caught.value).splitlines()) == 1


def test_empty_and_full_arrays_are_refused_with_their_counts():
    with pytest.raises(EmptyMaskError, match=r"^the mask covers no pixel \(0 of 12\)"):
        as_mask(np.zeros((3, 4)), (3, 4))
    with pytest.raises(EmptyMaskError, match=r"0 of 12; the highest value is 0\.50 of 1"):
        as_mask(np.full((3, 4), 0.5), (3, 4))
    with pytest.raises(FullMaskError, match=r"12 of 12"):
        as_mask(np.full((3, 4), 0.51), (3, 4))


# --- colours and transparency ---------------------------------------------------------------------------------------


def in_colors(wall, rest):
    return np.where(WALL[..., None], np.array(wall), np.array(rest)).astype(np.uint8)


@pytest.mark.parametrize(
    ("wall", "rest"),
    [
        ((255, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (255, 255, 255)),
        ((0, 0, 255), (0, 0, 0)),
        ((0, 128, 0), (128, 128, 128)),
        ((255, 255, 0), (0, 0, 255)),
    ],
)
def test_the_more_colourful_of_two_colours_is_the_wall_else_the_lighter(wall, rest):
    with pytest.warns(WallpaintWarning, match="#{:02x}{:02x}{:02x} is read as wall".format(*wall)):
        np.testing.assert_allclose(as_mask(in_colors(wall, rest), SHAPE), WALL, atol=1e-6)


def test_a_blend_of_two_colours_counts_in_proportion():
    alpha = disc(feather=4)
    blended = (alpha[..., None] * np.array([255, 0, 0])).round().astype(np.uint8)
    with pytest.warns(WallpaintWarning, match="drawn in colours"):
        np.testing.assert_allclose(as_mask(blended, alpha.shape), alpha, atol=0.01)


def test_three_colours_are_no_mask():
    classes = in_colors((200, 0, 0), (0, 0, 0))
    classes[80:] = (0, 200, 0)
    with pytest.raises(MaskError, match=r"drawn in 3 colours, #cc0404 \(62%\), #040404 \(22%\), #04cc04 \(17%\)"):
        as_mask(classes, SHAPE)


def test_one_colour_is_no_mask():
    with pytest.raises(MaskError, match="it is one colour"):
        as_mask(in_colors((200, 0, 0), (202, 0, 0)), SHAPE)


def test_grey_with_the_chroma_noise_of_compression_is_still_grey():
    noisy = np.repeat(wall_mask()[..., None], 3, axis=-1).astype(int)
    noisy += np.random.default_rng(0).integers(-5, 6, noisy.shape)
    mask = as_mask(noisy.clip(0, 255).astype(np.uint8), SHAPE)
    np.testing.assert_array_equal(is_wall(mask), WALL)


@pytest.mark.parametrize("visible", ["black", "white", "photo"])
def test_alpha_is_the_mask_whatever_lies_under_it(visible):
    color = np.full((*SHAPE, 3), 255 if visible == "white" else 0, np.uint8)
    if visible == "photo":
        color = np.random.default_rng(0).integers(0, 256, color.shape, dtype=np.uint8)
    np.testing.assert_array_equal(as_mask(np.dstack([color, wall_mask()]), SHAPE), WALL)


def test_on_a_layer_of_black_and_white_transparent_counts_as_black():
    alpha = np.full(SHAPE, 255, np.uint8)
    alpha[:, 110:] = 0
    layer = np.dstack([wall_mask()] * 3 + [alpha])
    np.testing.assert_array_equal(as_mask(layer, SHAPE), WALL & (alpha > 0))


# --- lossy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [30, 60, 95])
def test_a_binary_mask_stays_binary_through_jpeg(quality):
    hard = disc(201, 70)
    image = Image.fromarray((hard * 255).astype(np.uint8))
    mask = read_mask(encoded(image, "JPEG", quality=quality), hard.shape)
    assert set(np.unique(mask)) == {0, 1}
    assert np.mean(is_wall(mask) != is_wall(hard)) < 0.003


def test_a_soft_mask_stays_soft_through_jpeg():
    soft = disc(201, 70, feather=12)
    image = Image.fromarray((soft * 255).astype(np.uint8))
    mask = read_mask(encoded(image, "JPEG", quality=90), soft.shape)
    assert is_soft(mask)
    assert np.abs(mask - soft).max() < 0.12
    assert (mask[soft == 0] == 0).mean() > 0.999
    assert (mask[soft == 1] == 1).mean() > 0.999


# --- size -----------------------------------------------------------------------------------------------------------


def test_a_small_difference_of_aspect_is_resized_and_a_larger_one_refused():
    with pytest.warns(WallpaintWarning, match=r"the mask is 128 × 96, the photo 256 × 193; it is resized"):
        assert as_mask(WALL, (193, 256)).shape == (193, 256)
    with pytest.raises(MaskSizeError, match=r"the mask is 128 × 96, the photo 256 × 196"):
        as_mask(WALL, (196, 256))


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
@pytest.mark.parametrize("scale", [0.3, 0.5, 2, 3.7])
def test_resizing_keeps_a_binary_mask_binary_and_its_area(scale):
    hard = disc(201, 70)
    size = round(201 * scale)
    mask = as_mask(hard, (size, size))
    assert set(np.unique(mask)) == {0, 1}
    assert mask.mean() == pytest.approx(hard.mean(), rel=0.02)


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
def test_resizing_keeps_a_soft_mask_soft():
    assert is_soft(as_mask(disc(201, 70, feather=6), (402, 402)))
    assert is_soft(as_mask(disc(201, 70, feather=6), (100, 100)))


# --- what is wall, soft, eroded, inverted ---------------------------------------------------------------------------


def test_wall_means_more_than_half():
    np.testing.assert_array_equal(is_wall(np.array([[0, 0.5, 0.51, 1]])), [[False, False, True, True]])
    np.testing.assert_array_equal(is_wall(np.array([[True, False]])), [[True, False]])


def test_soft_means_half_tones_along_the_edge():
    assert not is_soft(disc())
    assert not is_soft(disc() > 0)
    assert is_soft(disc(feather=1.5))
    assert is_soft(disc(feather=10))
    assert is_soft(cv2.GaussianBlur(disc(), (0, 0), 1))
    strays = disc()
    strays[10:14, 10:14] = 0.4
    assert not is_soft(strays)


@pytest.mark.parametrize("pixels", [1, 2.5, 5, 12])
def test_erosion_is_by_euclidean_distance(pixels):
    eroded = erode(disc(101, 30), pixels)
    assert eroded.dtype == bool
    wall = disc(101, 30) > 0
    outside = np.argwhere(~wall)
    for down, across in np.random.default_rng(0).integers(15, 86, (300, 2)):
        distance = np.sqrt(((outside - (down, across)) ** 2).sum(-1).min())
        assert eroded[down, across] == (distance > pixels)


def test_erosion_by_nothing_is_the_wall_itself():
    mask = disc(feather=5)
    eroded = erode(mask, 0)
    np.testing.assert_array_equal(eroded, mask > 0.5)
    wall = WALL.copy()
    erode(wall, 0)[:] = False
    np.testing.assert_array_equal(wall, WALL)


def test_the_frame_of_the_picture_is_no_edge():
    np.testing.assert_array_equal(erode(WALL, 3)[:61, :60], True)
    np.testing.assert_array_equal(erode(WALL, 3)[61:], False)


@given(st.floats(0, 10), st.floats(0, 10))
def test_eroding_more_leaves_less(first, second):
    mask = disc(41, 14.0)
    less, more = sorted((first, second))
    assert not np.any(erode(mask, more) & ~erode(mask, less))


def test_a_floor_without_walls_looks_inverted_and_walls_do_not():
    assert not looks_inverted(WALL)
    assert looks_inverted(~WALL)
    whole_wall = np.ones(SHAPE, bool)
    whole_wall[30:50, 30:60] = False
    assert not looks_inverted(whole_wall)
