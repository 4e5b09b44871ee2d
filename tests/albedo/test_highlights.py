import numpy as np
import pytest
from synthetic_room import disc, even_falloff, room, room_linear, to_bytes

from wallpaint.albedo.highlights import find_highlights
from wallpaint.albedo.light import read_light
from wallpaint.color import luminance, parse_color, srgb_to_linear
from wallpaint.mask import find_region

RED = (0.42, 0.08, 0.05)
GREY = (0.40, 0.36, 0.32)
SPOT = (150, 90)  # x, y; in the middle of bare wall
NO_TINT = np.zeros((80, 120, 3), np.float32)


def glint(strength, radius=3.2, paint=RED):
    """The room with a white glint on its wall: m·W + s·(1, 1, 1)."""
    return to_bytes(room_linear(paint) + strength * disc(SPOT, radius)[..., None])


def found(pixels, alpha, paint=RED):
    return find_highlights(pixels, find_region(pixels, alpha), np.array(paint) * 0.75, NO_TINT)


@pytest.mark.parametrize("strength", [0.2, 0.4, 0.9])
def test_a_highlight_on_a_coloured_wall_is_found(strength, wall_alpha):
    rows, columns, _ = found(glint(strength), wall_alpha)
    marked = np.zeros(wall_alpha.shape, bool)
    marked[rows, columns] = True
    assert marked[disc(SPOT, 2.0) == 1].all()
    assert not marked[disc(SPOT, 6.0) == 0].any()


@pytest.mark.parametrize("strength", [0.4, 0.9])
def test_the_wall_without_its_highlight_is_nearly_the_true_wall(strength, wall_alpha):
    pixels = glint(strength)
    rows, columns, radiance = found(pixels, wall_alpha)
    wall = (np.array(RED) * even_falloff())[rows, columns]
    with_glint = srgb_to_linear(pixels[rows, columns] / 255.0)
    core = disc(SPOT, 2.0)[rows, columns] == 1
    left, added = (np.abs(light - wall)[core].mean() for light in (radiance, with_glint))
    assert left < 0.4 * added
    assert (radiance >= 0).all()


def test_the_removed_light_is_white(wall_alpha):
    pixels = glint(0.4)
    rows, columns, radiance = found(pixels, wall_alpha)
    taken = srgb_to_linear(pixels[rows, columns] / 255.0) - radiance
    unclamped = radiance.min(axis=-1) > 0
    assert unclamped.any()
    assert np.ptp(taken[unclamped], axis=-1).max() < 1e-5


@pytest.mark.parametrize("paint", [GREY, (0.3, 0.3, 0.3), (0.46, 0.38, 0.28)])
def test_on_a_neutral_wall_nothing_is_separated(paint, wall_alpha):
    rows, columns, radiance = found(glint(0.4, paint=paint), wall_alpha, paint)
    assert len(rows) == len(columns) == len(radiance) == 0


@pytest.mark.parametrize("noise", [0, 3])
def test_a_wall_without_gloss_has_no_highlights(noise, wall_alpha):
    assert len(found(room(RED, noise=noise), wall_alpha)[0]) == 0


@pytest.mark.parametrize("radius", [8, 20])
def test_a_large_white_patch_is_no_highlight(radius, wall_alpha):
    assert len(found(glint(0.4, radius=radius), wall_alpha)[0]) == 0


def test_a_single_white_pixel_is_noise(wall_alpha):
    pixels = room(RED)
    pixels[SPOT[1], SPOT[0]] = 255
    assert len(found(pixels, wall_alpha)[0]) == 0


def test_a_white_object_outside_the_wall_is_no_highlight(wall_alpha):
    alpha = wall_alpha * (1 - disc(SPOT, 5.0)).astype(np.float32)
    assert len(found(glint(0.5), alpha)[0]) == 0


@pytest.mark.parametrize("color", ["#2f4858", "#1b1b1b"])
@pytest.mark.parametrize("strength", [0.4, 0.55])
def test_a_highlight_stays_white_under_new_paint(color, strength, wall_alpha, open_room):
    with_glint, without = open_room(glint(strength)).paint(color), open_room(room(RED)).paint(color)
    here = SPOT[1], SPOT[0]
    excess = (srgb_to_linear(with_glint.image / 255.0) - srgb_to_linear(without.image / 255.0))[here]
    np.testing.assert_allclose(excess, strength, rtol=0.25)
    assert np.ptp(excess) < 0.25 * strength
    paint = parse_color(color).linear
    wall = room_linear(RED)[here]
    if_it_were_paint = paint * strength / luminance(wall)
    assert np.abs(if_it_were_paint - strength).max() > 2 * np.abs(excess - strength).max()


def test_highlights_are_added_to_the_mixed_pixels(wall_alpha):
    pixels = glint(0.4)
    region = find_region(pixels, wall_alpha)
    light = read_light(pixels, region)
    assert len(light.mixed) > len(region.mixed)
    assert (light.mixed.alpha[len(region.mixed) :] == 1).all()
