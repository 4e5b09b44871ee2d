import cv2
import numpy as np
import pytest

from wallpaint.mask.edge_scale import grid_cell


def outline(height=180, width=240, seed=0):
    """(H, W) bool with a wavy outline and two discs, at its own size."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    edge = height * 0.5 + sum(
        height * 0.08 / n * np.sin(2 * np.pi * n * x / width + random.uniform(0, 6)) for n in range(1, 8)
    )
    mask = y < edge
    for _ in range(3):
        row, column = random.uniform(0, height), random.uniform(0, width)
        mask &= np.hypot(y - row, x - column) > height * 0.12
    return mask


@pytest.mark.parametrize("method", [cv2.INTER_NEAREST, cv2.INTER_LINEAR])
@pytest.mark.parametrize("times", [2, 2.7, 4, 5.33, 9.3])
def test_an_enlarged_mask_tells_how_often_it_was_enlarged(times, method):
    small = outline().astype(np.float32)
    large = cv2.resize(small, None, fx=times, fy=times, interpolation=method) > 0.5
    assert grid_cell(large) == pytest.approx(times, rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_a_mask_at_its_own_size_has_no_grid(seed):
    assert grid_cell(outline(600, 800, seed)) == 1


def test_a_rectangle_has_no_grid():
    mask = np.zeros((400, 600), bool)
    mask[80:300, 120:480] = True
    assert grid_cell(mask) == 1


@pytest.mark.parametrize("value", [False, True])
def test_a_mask_without_outline_has_no_grid(value):
    assert grid_cell(np.full((100, 100), value)) == 1


def test_a_turned_mask_has_the_same_grid():
    small = outline().astype(np.uint8)
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST) > 0
    assert grid_cell(np.ascontiguousarray(large.T)) == pytest.approx(grid_cell(large), rel=0.01)
