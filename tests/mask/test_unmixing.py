import cv2
import numpy as np
import pytest

from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.mask import MixedPixels, composite, find_region
from wallpaint.mask.unmixing import removed_wall
from wallpaint.photo import bytes_to_linear, linear_to_bytes

HAIR, PALE_WALL, DARK_PAINT = (0.02, 0.014, 0.01), (0.7, 0.66, 0.6), (0.03, 0.04, 0.08)
PALE_THING, DARK_WALL, WHITE_PAINT = (0.75, 0.72, 0.68), (0.04, 0.045, 0.06), (0.85, 0.84, 0.8)
CASES = {"dark hair": (HAIR, PALE_WALL, DARK_PAINT), "pale thing": (PALE_THING, DARK_WALL, WHITE_PAINT)}


def strands(size=96):
    """(size, size) float32 share of wall: a head at the bottom with strands of hair."""
    canvas = np.zeros((4 * size, 4 * size), np.uint8)
    cv2.circle(canvas, (2 * size, 4 * size), int(1.8 * size), 255, -1)
    random = np.random.default_rng(3)
    for angle in random.uniform(np.pi * 1.1, np.pi * 1.9, 60):
        start = np.array([2 * size, 4 * size]) + 1.75 * size * np.array([np.cos(angle), np.sin(angle)])
        end = start + random.uniform(15, 50) * np.array([np.cos(angle + 0.4), np.sin(angle + 0.4)])
        cv2.line(canvas, start.astype(int).tolist(), end.astype(int).tolist(), 255, int(random.integers(1, 5)))
    return 1 - cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def picture(alpha, wall, thing):
    return linear_to_bytes(alpha[..., None] * np.array(wall) + (1 - alpha[..., None]) * np.array(thing))


def painted(pixels, alpha, wall, paint, *, robust):
    """The wall replaced by even paint, its mixed pixels unmixed with the exact colour of the old wall."""
    region = find_region(pixels, alpha)
    rows, columns = np.nonzero((alpha > 0) & (alpha < 1))
    old = np.tile(np.float32(wall), (len(rows), 1))
    removed = removed_wall(pixels, alpha, rows, columns, old) if robust else old
    mixed = MixedPixels(rows, columns, alpha[rows, columns], old, removed)
    whole = linear_to_bytes(np.tile(np.float32(paint), (*alpha.shape, 1)))
    return composite(pixels, region, whole[region.window], mixed, np.tile(np.float32(paint), (len(rows), 1)))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("error", [-0.15, 0.15])
def test_an_error_of_alpha_leaves_no_fleck_or_rim(name, error):
    thing, wall, paint = CASES[name]
    truth = strands()
    guess = np.where((truth > 0.1) & (truth < 0.9), np.clip(truth + error, 0.02, 0.98), truth).astype(np.float32)
    pixels, wanted = picture(truth, wall, thing), picture(truth, paint, thing)
    mixed = (truth > 0) & (truth < 1)
    plain, robust = (
        delta_e_2000(
            *(srgb_to_lab(each[mixed] / 255) for each in (painted(pixels, guess, wall, paint, robust=how), wanted))
        )
        for how in (False, True)
    )
    assert robust.mean() < 0.8 * plain.mean()
    assert np.percentile(robust, 98) < np.percentile(plain, 98)


@pytest.mark.parametrize("name", CASES)
def test_with_exact_alpha_mixed_pixels_are_nearly_exact(name):
    thing, wall, paint = CASES[name]
    alpha = strands()
    found = painted(picture(alpha, wall, thing), alpha, wall, paint, robust=True)
    error = delta_e_2000(*(srgb_to_lab(each / 255) for each in (found, picture(alpha, paint, thing))))
    assert error.mean() < 0.3
    assert error.max() < 4


def test_what_is_left_is_never_negative():
    alpha, pixels = strands(), np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    rows, columns = np.nonzero((alpha > 0) & (alpha < 1))
    removed = removed_wall(pixels, alpha, rows, columns, np.full((len(rows), 3), 0.5, np.float32))
    left = bytes_to_linear(pixels[rows, columns]) - alpha[rows, columns][:, None] * removed
    assert left.min() > -1e-5


def test_where_only_wall_is_near_the_wall_itself_is_removed():
    alpha = np.ones((60, 60), np.float32)
    alpha[30, 30] = 0.5
    pixels = np.full((60, 60, 3), 120, np.uint8)
    wall = np.full((1, 3), 0.1, np.float32)
    removed = removed_wall(pixels, alpha, np.array([30]), np.array([30]), wall)
    np.testing.assert_allclose(removed, wall, atol=1e-6)


def test_without_mixed_pixels_there_is_nothing_to_remove():
    nothing = np.empty(0, int)
    removed = removed_wall(
        np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32), nothing, nothing, np.empty((0, 3))
    )
    assert removed.shape == (0, 3)
