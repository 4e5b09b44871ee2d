import numpy as np
import pytest
import synthetic_room

from wallpaint.albedo.log_light import LOG_LIGHT_OF_ONE, STEPS_PER_NEPER
from wallpaint.diffusion.fullsize.crop import crop_of
from wallpaint.diffusion.fullsize.detail import read_detail
from wallpaint.errors import SettingError
from wallpaint.mask import find_region
from wallpaint.photo import bytes_to_linear

ALPHA = synthetic_room.wall_alpha().astype(np.float32)
PIXELS = synthetic_room.room(noise=1)
REGION = find_region(PIXELS, ALPHA)
CROP = crop_of(REGION, 64, 8)


def stripes(repeat):
    _, x = synthetic_room.grid()
    light = synthetic_room.even_falloff() * (1 + 0.3 * np.sin(2 * np.pi * x / repeat))[..., None]
    return synthetic_room.room(light=light)


def test_auto_depends_on_whether_the_wall_is_plain():
    assert read_detail(PIXELS, REGION, CROP).source == "photo"
    papered = stripes(8)
    assert read_detail(papered, find_region(papered, ALPHA), CROP).source == "model"


@pytest.mark.parametrize("source", ["photo", "model"])
def test_the_source_of_the_detail_can_be_chosen(source):
    assert read_detail(PIXELS, REGION, CROP, source).source == source


def test_another_source_of_detail_is_refused():
    with pytest.raises(SettingError, match="auto, photo or model"):
        read_detail(PIXELS, REGION, CROP, "both")


def test_the_models_detail_has_none_of_the_photos():
    detail = read_detail(PIXELS, REGION, CROP, "model")
    assert (detail.shading == LOG_LIGHT_OF_ONE).all()
    assert not detail.coarse.any()
    assert (detail.mixed_shading == LOG_LIGHT_OF_ONE).all()


def test_the_photos_own_light_cancels_what_is_coarse_in_the_photo():
    detail = read_detail(PIXELS, REGION, CROP, "photo")
    kept = detail.smooth(bytes_to_linear(CROP.shrink(PIXELS)))
    expected = detail.coarse[..., None] + detail.tint + np.log(detail.middle)
    np.testing.assert_allclose(kept, expected, atol=0.02)


def test_objects_in_front_of_the_wall_do_not_change_the_smooth_part():
    detail = read_detail(PIXELS, REGION, CROP, "photo")
    picture = np.full((*CROP.size, 3), 0.3, np.float32)
    picture[~CROP.shrink_mask(ALPHA)] = 0.9
    np.testing.assert_allclose(detail.smooth(picture), np.log(0.3), atol=1e-3)


def test_fine_stripes_are_detail_and_coarse_light_is_not():
    def left_over(pixels):
        detail = read_detail(pixels, REGION, CROP, "photo")
        codes = detail.shading.astype(float) - LOG_LIGHT_OF_ONE - STEPS_PER_NEPER * CROP.enlarge(detail.coarse)
        return (codes[REGION.is_pure[REGION.window]] / STEPS_PER_NEPER).std()

    assert left_over(stripes(8)) == pytest.approx(0.3 / 2**0.5, rel=0.15)
    assert left_over(synthetic_room.room()) < 0.03


def test_a_wall_of_partly_covered_pixels_has_detail_too():
    faint = 0.4 * ALPHA
    region = find_region(PIXELS, faint)
    detail = read_detail(PIXELS, region, crop_of(region, 64, 8), "photo")
    assert np.isfinite(detail.coarse).all()
    assert np.isfinite(detail.mixed_shading).all()
