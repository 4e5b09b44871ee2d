import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.mask import cell_means, mean_around

NOISE = np.random.default_rng(0).random((40, 50))
SOME = (np.random.default_rng(1).random((40, 50)) > 0.6).astype(float)


@given(st.floats(0.5, 8), st.floats(-2, 2))
def test_the_mean_of_a_constant_is_the_constant(reach, constant):
    mean, coverage = mean_around(np.full((40, 50), constant), SOME, reach)
    near = coverage > 1e-6
    np.testing.assert_allclose(mean[near], constant, atol=1e-9)


@pytest.mark.parametrize("reach", [1.0, 4.0])
def test_what_has_no_weight_does_not_count(reach):
    disturbed = np.where(SOME > 0, NOISE, 1e3)
    np.testing.assert_allclose(mean_around(disturbed, SOME, reach)[0], mean_around(NOISE, SOME, reach)[0], atol=1e-9)


def test_the_mean_is_the_weighted_gaussian_mean():
    reach, (row, column) = 2.0, (20, 25)
    y, x = np.mgrid[0:40, 0:50]
    weight = SOME * np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * reach**2))
    expected = (weight * NOISE).sum() / weight.sum()
    assert mean_around(NOISE, SOME, reach)[0][row, column] == pytest.approx(expected, abs=1e-3)


def test_the_mean_lies_between_what_is_averaged():
    mean, coverage = mean_around(NOISE, SOME, 3.0)
    counted = NOISE[SOME > 0]
    assert counted.min() <= mean[coverage > 1e-6].min() <= mean.max() <= counted.max()


def test_channels_are_averaged_each_on_its_own():
    stacked = np.dstack([NOISE, 1 - NOISE])
    mean, coverage = mean_around(stacked, SOME, 2.0)
    assert coverage.shape == (40, 50)
    np.testing.assert_allclose(mean[..., 0], mean_around(NOISE, SOME, 2.0)[0])
    np.testing.assert_allclose(mean.sum(axis=-1)[coverage > 1e-6], 1)


def test_where_nothing_is_near_the_mean_is_zero_and_nothing_is_covered():
    weight = np.zeros((40, 50))
    weight[:5] = 1
    mean, coverage = mean_around(np.ones((40, 50)), weight, 1.0)
    assert (mean[20:] == 0).all()
    assert (coverage[20:] == 0).all()
    np.testing.assert_allclose(coverage[0], 1, atol=0.01)


SHADES = np.random.default_rng(2).integers(0, 256, (48, 64, 3), dtype=np.uint8)
EVERYWHERE = np.ones((48, 64), np.uint8)
HERE = (np.random.default_rng(3).random((48, 64)) > 0.4).astype(np.uint8)


def blocks(values, side):
    """(rows, columns, side², …) pixels of every cell of a grid that fits."""
    height, width = values.shape[:2]
    split = values.reshape(height // side, side, width // side, side, *values.shape[2:])
    return np.moveaxis(split, 1, 2).reshape(height // side, width // side, side * side, *values.shape[2:])


@pytest.mark.parametrize("side", [1, 2, 4])
def test_a_cells_mean_is_that_of_its_pixels(side):
    means, share = cell_means(SHADES, EVERYWHERE, side)
    np.testing.assert_allclose(means, blocks(SHADES, side).mean(axis=2), atol=0.51)
    np.testing.assert_array_equal(share, 1)


@pytest.mark.parametrize("side", [2, 4])
def test_a_cells_share_is_that_of_its_marked_pixels_and_its_mean_is_theirs(side):
    means, share = cell_means(SHADES[..., 0], HERE, side)
    marked = blocks(HERE, side)
    np.testing.assert_allclose(share, marked.mean(axis=-1), atol=0.51 / 255)
    total = (blocks(SHADES[..., 0], side) * marked).sum(axis=-1)
    some = share > 0.3
    np.testing.assert_allclose(means[some], (total / np.maximum(marked.sum(axis=-1), 1))[some], atol=4)


@pytest.mark.parametrize("side", [1, 3.7, 6, 20])
@pytest.mark.parametrize("shape", [(48, 64), (47, 61), (5, 64), (1, 1)])
def test_pixels_that_are_not_marked_never_count(side, shape):
    where, pixels = HERE[: shape[0], : shape[1]], SHADES[: shape[0], : shape[1]]
    disturbed = np.where(where[..., None] > 0, pixels, 255 - pixels)
    for before, after in zip(cell_means(pixels, where, side), cell_means(disturbed, where, side), strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("side", [0.2, 1, 3.7, 5, 9, 40, 1000])
@pytest.mark.parametrize("shape", [(48, 64), (47, 61), (5, 64), (1, 1)])
def test_a_constant_stays_itself_in_cells_of_any_size(side, shape):
    means, share = cell_means(np.full((*shape, 3), 137, np.uint8), np.ones(shape, np.uint8), side)
    np.testing.assert_array_equal(means, 137)
    np.testing.assert_array_equal(share, 1)
    expected = tuple(max(1, round(length / max(side, 1))) for length in shape)
    assert share.shape == expected
    assert means.shape == (*expected, 3)


def test_a_slope_keeps_its_place_in_cells_that_do_not_divide_the_picture():
    slope = np.broadcast_to(np.arange(250, dtype=np.uint8), (60, 250))
    means, _ = cell_means(slope, np.ones((60, 250), np.uint8), 9.0)
    middles = (np.arange(means.shape[1]) + 0.5) * 250 / means.shape[1] - 0.5
    np.testing.assert_allclose(means, np.broadcast_to(middles, means.shape), atol=1.1)


def test_a_cell_without_a_marked_pixel_is_empty():
    where = np.zeros((48, 64), np.uint8)
    where[:24] = 1
    means, share = cell_means(np.full((48, 64), 200, np.uint8), where, 8.0)
    np.testing.assert_array_equal(share[3:], 0)
    np.testing.assert_array_equal(means[3:], 0)
    np.testing.assert_array_equal(means[:3], 200)
