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


def test_where_nothing_is_known_the_mask_keeps_its_word(room_pixels):
    chequered = np.indices(room_pixels.shape[:2]).sum(axis=0) % 2 == 0
    np.testing.assert_array_equal(refine_alpha(room_pixels, chequered, 2), chequered)


def test_alpha_next_to_an_end_is_that_end(room_pixels, wall_mask):
    alpha = refine_alpha(room_pixels, wall_mask > 0, 4)
    between = alpha[(alpha > 0) & (alpha < 1)]
    assert between.size
    assert 1 / 255 <= between.min() <= between.max() <= 254 / 255


def test_nothing_is_said_while_solving(room_pixels, wall_mask):
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
    ("told", "before"),
    [("1", "pass"), ("1", "import torch"), (None, "import torch; torch.set_num_threads(1); torch.get_num_threads()")],
)
def test_torch_keeps_the_number_of_threads_it_was_told(told, before):
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
    if told:
        environment["OMP_NUM_THREADS"] = told
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
