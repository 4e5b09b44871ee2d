import numpy as np
import pytest
import synthetic_room

from wallpaint.diffusion.fullsize.crop import crop_of
from wallpaint.diffusion.fullsize.pattern_detection import is_plain, pattern_contrast
from wallpaint.mask import find_region
from wallpaint.photo import linear_to_bytes
from wallpaint.rooms import starter_rooms

ALPHA = synthetic_room.wall_alpha().astype(np.float32)


def contrast(pixels, alpha=ALPHA):
    region = find_region(pixels, alpha)
    return pattern_contrast(pixels, region, crop_of(region, 128, 16))


def papered(strength):
    """The room in stripes of paper, 8 pixels a repeat."""
    _, x = synthetic_room.grid()
    light = synthetic_room.even_falloff() * (1 + strength * np.sin(2 * np.pi * x / 8))[..., None]
    return synthetic_room.room(light=light, noise=1)


def test_a_wall_in_falling_light_is_plain():
    assert contrast(synthetic_room.room()) < 0.1


@pytest.mark.parametrize("noise", [1, 2, 3])
def test_noise_is_no_pattern(noise):
    assert contrast(synthetic_room.room(noise=noise)) < 0.35


def test_the_sharp_edge_of_a_shadow_is_no_pattern():
    light = synthetic_room.even_falloff()
    light[:, 110:] *= 0.6
    assert contrast(synthetic_room.room(light=light)) < 0.1


def test_stripes_are_a_pattern_the_more_the_stronger():
    contrasts = [contrast(papered(strength)) for strength in (0.02, 0.1, 0.3)]
    assert contrasts == sorted(contrasts)
    assert contrasts[0] < 0.4 < contrasts[1]


def test_objects_in_front_of_the_wall_do_not_count():
    pixels = synthetic_room.room()
    busy = pixels.copy()
    chequered = (np.indices(ALPHA.shape).sum(0) // 3 % 2 * 255).astype(np.uint8)[..., None]
    busy[ALPHA == 0] = np.broadcast_to(chequered, busy.shape)[ALPHA == 0]
    assert contrast(busy) == pytest.approx(contrast(pixels), abs=0.01)


def test_a_wall_that_is_too_thin_is_plain():
    alpha = np.zeros(ALPHA.shape, np.float32)
    alpha[:, 50] = 1
    pixels = papered(0.5)
    region = find_region(pixels, alpha)
    assert is_plain(pixels, region, crop_of(region, 128, 16))


@pytest.mark.parametrize(
    "room", [room for room in starter_rooms() if room.wallpaper is not None], ids=lambda r: str(r.seed)
)
def test_a_rendered_wall_shows_more_pattern_in_paper_than_in_paint(room):
    paint = linear_to_bytes(room.render(np.array([0.6, 0.52, 0.4])))
    paper = linear_to_bytes(room.wallpaper * np.float32(room.exposure))
    assert contrast(paint, room.alpha) < 0.4 < contrast(paper, room.alpha)
