import numpy as np
import pytest
import synthetic_room
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wallpaint.color import delta_e_2000, srgb_to_lab, srgb_to_linear
from wallpaint.diffusion.fullsize.compositing import diffused_wall
from wallpaint.diffusion.fullsize.crop import crop_of
from wallpaint.diffusion.fullsize.detail import read_detail
from wallpaint.mask import MixedPixels, WallRegion, find_region
from wallpaint.metrics import shading_correlation
from wallpaint.reference import wall_median

ALPHA = synthetic_room.wall_alpha().astype(np.float32)
PIXELS = synthetic_room.room(noise=2)
REGION = find_region(PIXELS, ALPHA)
CROP = crop_of(REGION, 64, 8)
DETAILS = {source: read_detail(PIXELS, REGION, CROP, source) for source in ("photo", "model")}
SOURCES = pytest.mark.parametrize("source", DETAILS)
COLORS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: np.array(rgb) / 255)


def painted_by_a_model(rgb, fade=0.0):
    """A model's picture: the wall in a colour, its light falling off from left to right."""
    light = np.linspace(1, 1 - fade, CROP.size[1])[None, :, None]
    return np.broadcast_to(np.array(rgb) / 255 * light, (*CROP.size, 3)).astype(np.float32)


@st.composite
def pictures(draw):
    """What a model may come up with: anything."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    low, high = sorted(draw(st.tuples(st.integers(0, 255), st.integers(0, 255))))
    kind = draw(st.sampled_from(["noise", "even", "extremes", "photo"]))
    if kind == "photo":
        return CROP.shrink(PIXELS)
    if kind == "even":
        return np.full((*CROP.size, 3), low, np.uint8)
    if kind == "extremes":
        return (random.integers(0, 2, (*CROP.size, 3)) * 255).astype(np.uint8)
    return random.integers(low, high + 1, (*CROP.size, 3)).astype(np.uint8)


EXTREMES = (np.random.default_rng(11).integers(0, 2, (*CROP.size, 3)) * 255).astype(np.uint8)


def miss(picture, reference, region=REGION):
    median = wall_median(picture, region.is_wall) / 255
    return delta_e_2000(srgb_to_lab(median), srgb_to_lab(reference))


@SOURCES
@settings(max_examples=40)
@example(picture=np.zeros((*CROP.size, 3), np.uint8), reference=np.array([0, 1, 0]) / 255)  # one byte from black
@example(picture=EXTREMES, reference=np.array([200, 255, 240]) / 255)  # its median lies below what is aimed at
@given(picture=pictures(), reference=COLORS)
def test_the_locked_wall_has_the_reference_as_its_median_whatever_the_model_painted(source, picture, reference):
    locked = diffused_wall(DETAILS[source], picture).lock(reference)
    assert miss(locked.picture, reference) <= 0.5


@SOURCES
@settings(max_examples=20)
@given(picture=pictures(), reference=COLORS)
def test_nothing_outside_the_wall_changes(source, picture, reference):
    wall = diffused_wall(DETAILS[source], picture)
    for result in (wall.raw, wall.lock(reference).picture):
        np.testing.assert_array_equal(result[ALPHA == 0], PIXELS[ALPHA == 0])


def test_a_wall_painted_its_own_colour_by_the_photo_itself_is_the_photo():
    own = wall_median(PIXELS, REGION.is_wall) / 255
    wall = diffused_wall(DETAILS["photo"], CROP.shrink(PIXELS))
    for picture in (wall.raw, wall.lock(own).picture):
        assert np.abs(picture.astype(int) - PIXELS).max() <= 2


@SOURCES
def test_the_raw_wall_is_as_the_model_painted_it(source):
    rgb = (60, 90, 140)
    raw = diffused_wall(DETAILS[source], painted_by_a_model(rgb)).raw
    np.testing.assert_allclose(np.median(raw[ALPHA == 1], axis=0), rgb, atol=2)


def test_without_the_photos_detail_the_models_picture_is_unchanged():
    raw = diffused_wall(DETAILS["model"], painted_by_a_model((60, 90, 140))).raw
    assert (raw[ALPHA == 1] == (60, 90, 140)).all()


def test_a_wall_keeps_the_models_light_and_gets_the_photos_plaster_and_shadows():
    y, x = synthetic_room.grid()
    crack = np.abs(y - 60 - 6 * np.sin(x / 9)) < 1.2
    pixels = synthetic_room.room(light=synthetic_room.even_falloff() * np.where(crack, 0.7, 1.0)[..., None])
    detail = read_detail(pixels, REGION, CROP, "photo")
    picture = diffused_wall(detail, painted_by_a_model((150, 110, 90), fade=0.5)).raw
    on_wall = (ALPHA == 1) & (np.abs(y - 60) < 20)
    cracked, beside = picture[on_wall & crack].mean(), picture[on_wall & ~crack].mean()
    assert cracked < 0.9 * beside
    left, right = (ALPHA == 1) & (x < 20), (ALPHA == 1) & (x > 228)
    assert picture[right].mean() < 0.7 * picture[left].mean()


@pytest.mark.parametrize("reference", [(240, 238, 230), (40, 60, 90), (190, 70, 40), (128, 128, 128)])
def test_shading_survives_the_lock(reference):
    reference = np.array(reference) / 255
    model = CROP.shrink(synthetic_room.room(srgb_to_linear(reference * 0.9)))
    locked = diffused_wall(DETAILS["photo"], model).lock(reference)
    quiet = synthetic_room.room()
    assert shading_correlation(quiet, locked.picture, ALPHA == 1) > 0.85


def test_the_edges_in_the_models_picture_are_not_used():
    picture = painted_by_a_model((150, 110, 90))
    outlined = picture.copy()
    share = CROP.shrink_light(
        np.full((*PIXELS[REGION.window].shape,), 255, np.uint8), (ALPHA == 1)[REGION.window].astype(np.uint8)
    )[1]
    outlined[share < 0.999] = 1
    for detail in DETAILS.values():
        plain, other = (diffused_wall(detail, each).raw.astype(int) for each in (picture, outlined))
        assert np.abs(plain - other).max() <= 1


def test_a_nearly_black_wall_gets_the_colour_without_noise():
    noise = np.random.default_rng(3).integers(0, 3, (*CROP.size, 3)).astype(np.uint8)
    locked = diffused_wall(DETAILS["model"], noise).lock(np.array([0.9, 0.9, 0.88])).picture
    assert locked[ALPHA == 1].std(axis=0).max() < 6


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=20)
def test_a_brighter_aim_darkens_no_pixel(one, other):
    wall = diffused_wall(DETAILS["model"], painted_by_a_model((30, 120, 220), fade=0.6))
    dark, bright = (wall.aimed_at(np.full(3, value)).astype(int) for value in sorted((one, other)))
    assert (bright[ALPHA == 1] >= dark[ALPHA == 1]).all()


def test_the_median_of_the_pure_wall_is_exactly_the_aim():
    wall = diffused_wall(DETAILS["model"], painted_by_a_model((30, 120, 220), fade=0.6))
    for rgb in ((3, 3, 3), (200, 30, 90), (250, 251, 252)):
        picture = wall.aimed_at(srgb_to_linear(np.array(rgb) / 255))
        np.testing.assert_allclose(wall_median(picture, ALPHA == 1), rgb, atol=1)


@SOURCES
def test_a_wall_without_one_pure_pixel_is_painted(source):
    region = find_region(PIXELS, 0.6 * ALPHA)
    detail = read_detail(PIXELS, region, crop_of(region, 64, 8), source)
    wall = diffused_wall(detail, painted_by_a_model((150, 110, 90)))
    assert (wall.raw[ALPHA == 1] != PIXELS[ALPHA == 1]).any()


def test_a_single_pixel_of_wall_is_painted():
    alpha = np.zeros((40, 40), np.float32)
    alpha[20, 20] = 1
    pixels = np.full((40, 40, 3), 90, np.uint8)
    nothing = MixedPixels(*(np.empty(shape, kind) for shape, kind in ((0, int), (0, int), (0, float), ((0, 3), float))))
    region = WallRegion(alpha, (slice(20, 21), slice(20, 21)), 0, nothing, alpha > 0.5)
    crop = crop_of(region, 64, 8)
    reference = np.array([0.2, 0.4, 0.6])
    locked = diffused_wall(read_detail(pixels, region, crop), np.full((*crop.size, 3), 0.5)).lock(reference)
    assert miss(locked.picture, reference, region) <= 0.5


@pytest.mark.parametrize("picture", [np.zeros((8, 8, 3), np.uint8), np.full((*CROP.size, 3), np.nan)])
def test_a_picture_of_another_size_or_with_nan_is_refused(picture):
    with pytest.raises(ValueError, match="finite picture"):
        diffused_wall(DETAILS["photo"], picture)
