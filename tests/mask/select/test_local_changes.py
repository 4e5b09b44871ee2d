"""A click changes only what it lies on, in the direction it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.mask.select import Click
from wallpaint.mask.select.local_changes import wall_after_click

SIZE = (40, 60)


class Scripted:
    """A finder that answers with these probabilities, one after each click."""

    def __init__(self, *answers):
        self.answers = answers

    def wall(self, clicks=(), previous=None, *, plane=False):
        return self.answers[len(clicks) - 1]


def wall_after_clicks(finder, clicks, size, before=None):
    for count in range(1, len(clicks) + 1):
        before = wall_after_click(finder, clicks[:count], size, before)
    return before


def areas(*values):
    """(40, 60): four areas of equal width with these probabilities."""
    return np.repeat(np.array(values, np.float32), 15)[None].repeat(40, axis=0)


def at(area, keep=True):
    return Click(20, 15 * area + 7, keep)


def test_the_first_click_takes_the_finders_answer():
    first = areas(0.9, 0.8, 0.2, 0.1)
    np.testing.assert_allclose(wall_after_clicks(Scripted(first), [at(0)], SIZE), first)


def test_a_removing_click_removes_only_what_is_connected_to_it():
    finder = Scripted(areas(0.9, 0.9, 0.9, 0.9), areas(0.1, 0.9, 0.1, 0.9))
    wall = wall_after_clicks(finder, [at(1), at(2, keep=False)], SIZE) > 0.5
    assert wall[:, :15].all()  # the finder removed it too, but the click is not there
    assert not wall[:, 30:45].any()
    assert wall[:, 45:].all()


def test_a_keeping_click_removes_nothing():
    finder = Scripted(areas(0.9, 0.1, 0.1, 0.1), areas(0.1, 0.1, 0.9, 0.1))
    wall = wall_after_clicks(finder, [at(0), at(2)], SIZE) > 0.5
    assert wall[:, :15].all()
    assert wall[:, 30:45].all()
    assert not wall[:, 45:].any()


def test_a_click_that_confirms_the_mask_changes_nothing_far_away():
    finder = Scripted(areas(0.9, 0.1, 0.1, 0.1), areas(0.9, 0.1, 0.9, 0.9))
    wall = wall_after_clicks(finder, [at(0), at(0)], SIZE) > 0.5
    np.testing.assert_array_equal(wall, areas(1, 0, 0, 0) > 0.5)


@pytest.mark.parametrize("keep", [True, False])
def test_a_click_is_obeyed_where_the_finder_disagrees_but_reaches_only_a_little(keep):
    stubborn = areas(0.3, 0.3, 0.3, 0.3) if keep else areas(0.7, 0.7, 0.7, 0.7)
    start = areas(0, 0, 0, 0) if keep else areas(1, 1, 1, 1)
    wall = wall_after_clicks(Scripted(stubborn), [at(1, keep)], SIZE, start) > 0.5
    assert wall[20, 22] == keep
    assert 0 < (wall == keep).mean() < 0.1


def test_a_mask_of_another_size_can_be_corrected():
    start = np.zeros((10, 15), np.float32)
    wall = wall_after_clicks(Scripted(areas(0.9, 0.1, 0.1, 0.1)), [at(0)], SIZE, start)
    assert wall.shape == SIZE
    assert (wall > 0.5)[:, :15].all()


probabilities = st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4).map(lambda values: areas(*values))
places = st.tuples(st.integers(0, 39), st.integers(0, 59), st.booleans())


@settings(max_examples=150)
@given(answers=st.lists(probabilities, min_size=4, max_size=4), clicks=st.lists(places, min_size=1, max_size=4))
def test_every_click_is_obeyed_and_only_changes_pixels_to_its_own_side(answers, clicks):
    clicks = [Click(*place) for place in clicks]
    finder, start = Scripted(*answers), areas(0.2, 0.8, 0.2, 0.8)
    before = start > 0.5
    for count, click in enumerate(clicks, 1):
        after = wall_after_clicks(finder, clicks[:count], SIZE, start) > 0.5
        assert after[click.row, click.column] == click.keep
        assert (after[before != after] == click.keep).all()
        before = after


@settings(max_examples=60)
@given(answers=st.lists(probabilities, min_size=3, max_size=3), clicks=st.lists(places, min_size=3, max_size=3))
def test_taking_a_click_back_gives_the_wall_of_before(answers, clicks):
    clicks = [Click(*place) for place in clicks]
    finder, start = Scripted(*answers), areas(0.2, 0.8, 0.2, 0.8)
    before = wall_after_clicks(finder, clicks[:2], SIZE, start)
    wall_after_clicks(finder, clicks, SIZE, start)
    np.testing.assert_array_equal(wall_after_clicks(finder, clicks[:2], SIZE, start), before)
