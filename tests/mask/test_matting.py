import os
import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest
import synthetic_room
from synthetic_room import BEIGE, disc, even_falloff, half_plane, to_bytes

from wallpaint.mask import matting
from wallpaint.mask.matting import band_width, edge_limits, estimate_wall_radiance, refine_alpha

WIDTHS = [1, 2, 4, 6]


def distance_to_edge(wall):
    """(H, W) pixels from each pixel's centre to the nearest pixel on the other side of the mask's edge."""
    sides = [cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (wall, ~wall)]
    return np.maximum(*sides)


def edge_error(alpha, truth):
    """All errors of alpha, divided by how many pixels truly are mixed."""
    return float(np.abs(alpha - truth).sum() / ((truth > 0) & (truth < 1)).sum())


def wall_and_thing(alpha, thing=(0.03, 0.02, 0.015)):
    """(H, W, 3) uint8: a wall in falling light, and a thing before it, mixed in linear light."""
    light = even_falloff()[: alpha.shape[0], : alpha.shape[1]]
    return to_bytes(alpha[..., None] * np.array(BEIGE) * light + (1 - alpha[..., None]) * np.array(thing))


@pytest.mark.parametrize("width", WIDTHS)
def test_alpha_is_the_mask_beyond_the_band(room_pixels, wall_mask, width):
    wall = wall_mask > 0
    alpha = refine_alpha(room_pixels, wall, width)
    assert alpha.dtype == np.float32
    beyond = distance_to_edge(wall) > width + 1e-3
    assert 0 < beyond.sum() < wall.size
    np.testing.assert_array_equal(alpha[beyond], wall[beyond])
    assert 0 <= alpha.min() <= alpha.max() <= 1


@pytest.mark.parametrize("width", WIDTHS)
def test_refined_alpha_is_nearer_the_truth_than_the_mask(room_pixels, wall_mask, wall_alpha, width):
    wall = wall_mask > 0
    assert edge_error(refine_alpha(room_pixels, wall, width), wall_alpha) < 0.4 * edge_error(wall, wall_alpha)


@pytest.mark.parametrize("feather", [1.0, 2.0, 4.0])
def test_a_soft_disc_is_recovered_from_its_binary_mask(feather):
    truth = 1 - disc((60, 55), 30.3, feather, (110, 120))
    alpha = refine_alpha(wall_and_thing(truth), truth > 0.5, 4)
    assert edge_error(alpha, truth) < 0.6 * edge_error(truth > 0.5, truth)


@pytest.mark.parametrize("angle", [7, 33, 80])
def test_a_tilted_edge_is_recovered_where_the_mask_is_a_pixel_off(angle):
    truth = half_plane(angle, (60.3, 50.6), 100, 120)
    across = np.deg2rad(angle)
    drawn = half_plane(angle, (60.3 + np.cos(across), 50.6 + np.sin(across)), 100, 120) > 0.5
    alpha = refine_alpha(wall_and_thing(truth), drawn, 3)
    assert edge_error(alpha, truth) < 0.3 * edge_error(drawn, truth)


def test_a_band_of_no_width_leaves_the_mask(room_pixels, wall_mask):
    np.testing.assert_array_equal(refine_alpha(room_pixels, wall_mask > 0, 0), wall_mask > 0)


def test_the_frame_of_the_picture_is_no_edge(room_pixels, wall_mask):
    alpha = refine_alpha(room_pixels, wall_mask > 0, 6)
    np.testing.assert_array_equal(alpha[0, :160], 1)
    np.testing.assert_array_equal(alpha[:100, 0], 1)


def test_where_nothing_is_known_the_mask_is_kept(room_pixels):
    chequered = np.indices(room_pixels.shape[:2]).sum(axis=0) % 2 == 0
    np.testing.assert_array_equal(refine_alpha(room_pixels, chequered, 2), chequered)


def test_alpha_next_to_an_end_is_that_end(room_pixels, wall_mask):
    alpha = refine_alpha(room_pixels, wall_mask > 0, 4)
    between = alpha[(alpha > 0) & (alpha < 1)]
    assert between.size
    assert 1 / 255 <= between.min() <= between.max() <= 254 / 255


def test_nothing_is_printed_while_solving(room_pixels, wall_mask):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refine_alpha(room_pixels, wall_mask > 0, 2)


def test_tiles_do_not_show(room_pixels, wall_mask, wall_alpha, monkeypatch):
    def solved():
        rows, columns, radiance = estimate_wall_radiance(room_pixels, wall_alpha)
        walls = np.zeros(room_pixels.shape, np.float32)
        walls[rows, columns] = radiance
        return refine_alpha(room_pixels, wall_mask > 0, 3), walls

    alpha, walls = solved()
    monkeypatch.setattr(matting, "TILE", 50)
    tiled_alpha, tiled_walls = solved()
    assert np.abs(tiled_alpha - alpha).max() < 0.01
    assert np.abs(tiled_walls - walls).max() < 0.005


def test_every_mixed_pixel_gets_its_wall_once(room_pixels, wall_alpha):
    rows, columns, radiance = estimate_wall_radiance(room_pixels, wall_alpha)
    seen = np.zeros(wall_alpha.shape, int)
    np.add.at(seen, (rows, columns), 1)
    np.testing.assert_array_equal(seen, (wall_alpha > 0) & (wall_alpha < 1))
    assert radiance.shape == (len(rows), 3)
    assert radiance.dtype == np.float32


def test_the_unmixed_wall_is_within_a_few_per_cent_of_the_truth(room_pixels, wall_alpha):
    rows, columns, radiance = estimate_wall_radiance(room_pixels, wall_alpha)
    truth = (np.array(BEIGE) * even_falloff())[rows, columns]
    assert np.abs(radiance / truth - 1).max() < 0.03
    mixture = synthetic_room.room_linear()[rows, columns]
    assert np.abs(mixture / truth - 1).max() > 0.5  # what it would be without unmixing


def test_a_wide_feather_is_unmixed_too():
    truth = 1 - disc((60, 55), 25, 40.0, (110, 120))
    assert ((truth > 0.05) & (truth < 0.2)).any()
    rows, columns, radiance = estimate_wall_radiance(wall_and_thing(truth), truth.astype(np.float32))
    wall = (np.array(BEIGE) * even_falloff()[:110, :120])[rows, columns]
    mostly = truth[rows, columns] > 0.3
    assert np.abs(radiance / wall - 1)[mostly].mean() < 0.1


def test_a_mask_without_half_tones_has_nothing_to_unmix(room_pixels, wall_mask):
    rows, columns, radiance = estimate_wall_radiance(room_pixels, (wall_mask > 0).astype(np.float32))
    assert len(rows) == len(columns) == 0
    assert radiance.shape == (0, 3)


@pytest.mark.parametrize(("shape", "width"), [((160, 240), 3), ((1000, 1500), 3), ((3000, 4000), 8), ((10, 10), 3)])
def test_the_band_grows_with_the_picture(shape, width):
    assert band_width(shape) == width


@pytest.mark.parametrize("width", [0, 1, 2, 3, 5, 8, 13, 64])
def test_the_band_is_what_lies_within_its_width_of_the_edge(wall_mask, width):
    wall = wall_mask > 0
    inner, outer = edge_limits(wall, width)
    into, out_of = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (wall, ~wall)
    )
    np.testing.assert_array_equal(inner, into > width + 1e-3)
    np.testing.assert_array_equal(outer, out_of <= width + 1e-3)


def test_a_single_pixels_band_is_a_disc():
    wall = np.zeros((21, 21), bool)
    wall[10, 10] = True
    y, x = np.mgrid[-10:11, -10:11]
    for width in (0, 1, 2, 5, 9):
        inner, outer = edge_limits(wall, width)
        np.testing.assert_array_equal(outer, np.hypot(x, y) <= width)
        np.testing.assert_array_equal(inner, wall if width == 0 else np.zeros_like(wall))


def test_the_frame_is_no_edge_of_the_band():
    wall = np.ones((12, 20), bool)
    wall[:, 15:] = False
    inner, outer = edge_limits(wall, 3)
    np.testing.assert_array_equal(inner, np.arange(20)[None] < 12 + np.zeros((12, 1)))
    np.testing.assert_array_equal(outer, np.arange(20)[None] < 18 + np.zeros((12, 1)))


@pytest.mark.parametrize(
    ("threads", "before"),
    [("1", "pass"), ("1", "import torch"), (None, "import torch; torch.set_num_threads(1); torch.get_num_threads()")],
)
def test_torch_keeps_the_number_of_threads_it_was_given(threads, before):
    """numba, by which pymatting is compiled, would set it to the number of cores."""
    code = f"""
import numpy as np
from wallpaint.mask.matting import refine_alpha
{before}
wall = np.arange(900).reshape(30, 30) % 30 < 15
refine_alpha(np.dstack([np.where(wall, 200, 40)] * 3).astype(np.uint8), wall, 3)
import torch
print(torch.get_num_threads())
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    if threads:
        environment["OMP_NUM_THREADS"] = threads
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize("shape", [(1, 60), (2, 60), (60, 1), (60, 2), (1, 1000), (2, 2), (3, 3)])
def test_the_edge_of_a_picture_one_or_two_pixels_thick_is_refined(shape):
    wall = np.arange(shape[0] * shape[1]).reshape(shape) < shape[0] * shape[1] // 2
    pixels = np.where(wall[..., None], (150, 140, 130), (60, 50, 40)).astype(np.uint8)
    alpha = refine_alpha(pixels, wall, 3)
    assert np.abs(alpha - wall).max() < 0.1


@pytest.mark.parametrize("noise", [0, 1, 4])
@pytest.mark.parametrize("shade", [0.0, 0.3])
@pytest.mark.parametrize("width", [3, 6])
def test_between_two_sides_that_look_alike_the_mask_is_kept(noise, shade, width):
    light = 1 - shade * np.arange(120) / 120
    pixels = np.full((100, 120, 3), (235, 235, 230)) * light[:, None]
    pixels += np.random.default_rng(0).normal(0, noise, pixels.shape)
    wall = np.arange(100)[:, None] >= 40 + np.zeros((1, 120))
    np.testing.assert_array_equal(refine_alpha(pixels.clip(0, 255).astype(np.uint8), wall, width), wall)


def test_from_a_contrast_of_8_bytes_a_blurred_edge_is_matted():
    truth = np.clip((np.arange(100) - 47.5) / 5, 0, 1)[:, None] + np.zeros((1, 120))
    pixels = 227 + 8 * (1 - truth[..., None]) + np.zeros((1, 1, 3))
    pixels += np.random.default_rng(0).normal(0, 0.5, pixels.shape)
    alpha = refine_alpha(pixels.round().astype(np.uint8), truth > 0.5, 4)
    assert np.abs(alpha - truth).mean() < 0.5 * np.abs((truth > 0.5) - truth).mean()


@pytest.mark.parametrize(
    "wall", [(0, 110, 130), (120, 0, 20), (10, 70, 0), (0, 0, 90), (30, 110, 130), (250, 210, 0), (0, 40, 0)]
)
@pytest.mark.parametrize("noise", [0, 2, 4])
def test_noise_in_a_channel_near_black_is_no_shadow(wall, noise):
    rng = np.random.default_rng(0)
    pixels = np.array(wall) + rng.normal(0, noise, (80, 100, 3))
    alpha = np.ones((80, 100), np.float32)
    alpha[30:50, 40:60] = 0.95
    pixels = pixels.clip(0, 255).round().astype(np.uint8)
    _, _, radiance = estimate_wall_radiance(pixels, alpha)
    mean = (linear_light(pixels)[alpha == 1]).mean(axis=0)
    strongest = int(np.argmax(wall))
    assert np.mean(radiance[:, strongest] > 0.85 * mean[strongest]) > 0.99


def test_a_shadow_on_a_saturated_wall_is_still_found():
    pixels = np.full((80, 100, 3), (0, 110, 130), np.uint8)
    alpha = np.ones((80, 100), np.float32)
    alpha[30:50, 40:60] = 0.9
    pixels[30:50, 40:60] = (0, 55, 65)
    _, _, radiance = estimate_wall_radiance(pixels, alpha)
    light = linear_light(np.array([[0, 55, 65]], np.uint8))[0]
    np.testing.assert_allclose(radiance[:, 1:].max(axis=0), light[1:] / 0.9, rtol=0.06)


def linear_light(pixels):
    encoded = pixels / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
