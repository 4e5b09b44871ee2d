"""The combined finder: the prior without clicks; with them points, and the prior where they are unsure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.diffusion.vision.combined_finder import CombinedFinder, with_prior
from wallpaint.errors import SettingError
from wallpaint.mask.select import Click, EdgesFinder, WallSelector

PHOTO = np.full((40, 60, 3), 200, np.uint8)
PHOTO[:, 30:] = (30, 50, 160)


class Fixed:
    """A finder with one answer, which remembers what it was asked."""

    def __init__(self, answer, automatic=True):
        self.answer, self.automatic = np.asarray(answer, np.float32), automatic
        self.looks, self.asked = 0, []

    def look(self, pixels):
        self.looks += 1
        return self

    def wall(self, clicks=(), previous=None, *, plane=False):
        self.asked.append((tuple(clicks), previous, plane))
        return self.answer


def test_without_clicks_the_prior_answers_and_points_are_not_asked():
    prior, points = Fixed(np.full((4, 6), 0.8)), Fixed(np.zeros((8, 12)), automatic=False)
    np.testing.assert_array_equal(CombinedFinder(prior, points).look(PHOTO).wall(), prior.answer)
    assert (points.looks, points.asked) == (0, [])


def test_with_clicks_points_get_all_arguments():
    prior, points = Fixed(np.full((4, 6), 0.8)), Fixed(np.full((8, 12), 0.99), automatic=False)
    seen = CombinedFinder(prior, points).look(PHOTO)
    clicks, previous = (Click(1, 1), Click(2, 2, False)), np.zeros((5, 5), np.float32)
    found = seen.wall(clicks, previous, plane=True)
    assert (found.shape, found.dtype) == ((8, 12), np.float32)
    assert points.asked == [(clicks, previous, True)]
    seen.wall(clicks)
    assert (prior.looks, points.looks) == (1, 1)


@given(st.floats(0, 0.29), st.floats(0, 1))
def test_the_prior_does_not_change_the_side_of_a_pixel_that_points_are_sure_of(probability, prior):
    assert with_prior(np.array([[probability]]), np.array([[prior]]))[0, 0] < 0.5
    assert with_prior(np.array([[1 - probability]]), np.array([[prior]]))[0, 0] > 0.5


@given(st.floats(0.32, 0.5))
def test_the_prior_decides_where_points_are_unsure(probability):
    assert with_prior(np.array([[probability]]), np.array([[0.99]]))[0, 0] > 0.5
    assert with_prior(np.array([[1 - probability]]), np.array([[0.01]]))[0, 0] < 0.5


@given(st.floats(0, 1))
def test_a_prior_of_one_half_changes_nothing(probability):
    assert with_prior(np.array([[probability]]), np.array([[0.5]]))[0, 0] == pytest.approx(probability, abs=2e-6)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_result_rises_with_the_probability(first, second, prior):
    low, high = sorted((first, second))
    combined = with_prior(np.array([[low, high]]), np.array([[prior, prior]]))
    assert combined[0, 0] <= combined[0, 1] + 1e-7


def test_a_prior_that_needs_clicks_is_refused():
    with pytest.raises(SettingError, match=r"EdgesFinder.*needs clicks"):
        CombinedFinder(EdgesFinder(), EdgesFinder())


def test_a_selector_finds_all_walls_by_the_prior_and_the_clicked_one_by_points():
    left = np.zeros((40, 60))
    left[:, :30] = 1
    selector = WallSelector(PHOTO, CombinedFinder(Fixed(left), EdgesFinder()))
    assert selector.select(edges="hard").share == pytest.approx(0.5, abs=0.02)
    clicked = selector.select([Click(20, 50)], edges="hard")  # on what the prior takes for something else
    assert clicked.mask[:, 35:].mean() > 0.95
    assert clicked.mask[:, :25].mean() < 0.05
