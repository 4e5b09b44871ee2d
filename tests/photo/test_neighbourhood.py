import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.photo import mean_around

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
