"""Walls at the photo's resolution: they follow the photo's edges, whatever grid they came from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from wallpaint.mask.select.full_resolution import at_full_resolution


def scene(height, width):
    """A bright wall above a slanted edge, and the truth."""
    rows, columns = np.mgrid[:height, :width]
    wall = rows < 0.45 * height + 0.13 * columns
    pixels = np.where(wall[..., None], (205, 190, 160), (90, 60, 40)).astype(np.uint8)
    return cv2.GaussianBlur(pixels, (0, 0), 1.0), wall


@pytest.mark.parametrize("shape", [(480, 640), (1500, 2000)])
def test_a_shifted_blurred_outline_moves_to_the_photos_edge(shape):
    pixels, wall = scene(*shape)
    small = cv2.resize(wall.astype(np.float32), (192, 144), interpolation=cv2.INTER_AREA)
    down = np.array([[1, 0, 0], [0, 1, 1.0]])
    coarse = cv2.warpAffine(cv2.GaussianBlur(small, (0, 0), 1.5), down, (192, 144), borderMode=cv2.BORDER_REPLICATE)
    unfitted = cv2.resize(coarse, shape[::-1]) > 0.5
    fitted = at_full_resolution(pixels, coarse) > 0.5
    assert (fitted != wall).mean() < 0.35 * (unfitted != wall).mean()


def test_no_outline_shows_the_coarse_grid():
    pixels, wall = scene(1500, 2000)
    blocks = cv2.resize(wall.astype(np.uint8), (192, 144), interpolation=cv2.INTER_NEAREST)
    fitted = (at_full_resolution(pixels, blocks.astype(np.float32)) > 0.5).astype(np.uint8)
    (outline,) = cv2.findContours(fitted, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    points = outline[:, 0]
    edge = points[(points[:, 1] > 5) & (points[:, 0] > 40) & (points[:, 0] < 1960)]
    off = edge[:, 1] - (0.45 * 1500 + 0.13 * edge[:, 0])
    assert np.percentile(np.abs(off), 95) < 2  # a block has 10 pixels a side


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_certain_probability_stays(value):
    pixels, _ = scene(300, 400)
    np.testing.assert_allclose(at_full_resolution(pixels, np.full((30, 40), value, np.float32)), value)


def test_a_photo_of_one_colour_keeps_the_outline():
    pixels = np.full((300, 400, 3), 128, np.uint8)
    coarse = np.zeros((30, 40), np.float32)
    coarse[:15] = 1
    fitted = at_full_resolution(pixels, coarse) > 0.5
    assert fitted[:140].all()
    assert not fitted[160:].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (700, 2), (129, 257)])
def test_any_size_is_possible(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    result = at_full_resolution(pixels, np.full((8, 8), 0.7, np.float32))
    assert result.shape == shape
    assert (result > 0.5).all()


def test_tiles_leave_no_seam():
    pixels, wall = scene(400, 500)
    coarse = cv2.GaussianBlur(cv2.resize(wall.astype(np.float32), (50, 40)), (0, 0), 2)
    height = at_full_resolution(pixels, coarse).sum(axis=0)  # of the outline, column by column
    assert np.abs(np.diff(height)).max() <= 2
