"""Simulated people click in what they mean, then in the errors of the answer."""

import numpy as np
import pytest

from wallpaint.train.networks.wall import simulated_clicks
from wallpaint.train.networks.wall.simulated_clicks import Person, draw_people


@pytest.fixture
def meant():
    surface = np.zeros((40, 60), np.float32)
    surface[:, :30] = 1
    return surface


@pytest.fixture(autouse=True)
def nobody_misses(monkeypatch):
    monkeypatch.setattr(simulated_clicks, "_MISS", 0)


def test_the_first_click_keeps_a_point_of_the_surface_meant(meant):
    for seed in range(20):
        person = Person(meant)
        person.click(None, np.random.default_rng(seed))
        ((row, column),) = person.keeps
        assert meant[2 * row, 2 * column] == 1
        assert not person.drops


def test_further_clicks_lie_in_errors_and_the_truth_says_which_kind(meant):
    too_much = np.ones_like(meant)
    too_little = np.zeros_like(meant)
    person = Person(meant)
    person.click(too_much, np.random.default_rng(0))
    person.click(too_little, np.random.default_rng(0))
    assert [meant[2 * row, 2 * column] for row, column in person.drops] == [0]
    assert [meant[2 * row, 2 * column] for row, column in person.keeps] == [1]


def test_a_right_answer_still_gets_a_right_click(meant):
    for seed in range(10):
        person = Person(meant)
        person.click(meant.copy(), np.random.default_rng(seed))
        assert len(person.keeps) + len(person.drops) == 1
        assert all(meant[2 * row, 2 * column] == 1 for row, column in person.keeps)
        assert all(meant[2 * row, 2 * column] == 0 for row, column in person.drops)


def test_people_mean_one_paint_or_all_walls_or_another_thing():
    wall = np.zeros((40, 60), np.float32)
    wall[:30] = 1
    surfaces = np.where(wall > 0, np.where(np.arange(60) < 30, 1, 2), 103).astype(np.uint8)
    people = draw_people(np.repeat(wall[None], 300, 0), np.repeat(surfaces[None], 300, 0), np.random.default_rng(0))
    meanings = [
        "all" if (person.meant == wall).all() else "floor" if person.meant[35].all() else "paint" for person in people
    ]
    assert 0.6 < meanings.count("paint") / 300 < 0.85
    assert 0.08 < meanings.count("all") / 300 < 0.25
    assert 0.03 < meanings.count("floor") / 300 < 0.25
    paint = next(person.meant for person, meaning in zip(people, meanings, strict=True) if meaning == "paint")
    assert paint[:30].any(axis=0).sum() in range(29, 32)
