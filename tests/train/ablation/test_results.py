"""What ablations say: figures with their spread, and no more than they can bear."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.metrics import json_text
from wallpaint.train.ablation.results import METRICS, AblationResult, differs, markdown, summary, verdict

errors = st.lists(st.floats(0, 100), min_size=2, max_size=5)


def outcome(name="A1", lab=(5.0, 5.2), **others):
    values = dict.fromkeys(METRICS, lab) | others
    return AblationResult(name, "something else", tuple(range(len(lab))), values)


BASELINE = outcome("baseline", (4.0, 4.2))


@given(errors)
def test_a_group_of_runs_never_differs_from_itself(values):
    assert differs(values, values) is False


@given(errors, errors)
def test_it_differs_either_way_or_not_at_all(one, other):
    assert differs(one, other) == differs(other, one)


@pytest.mark.parametrize(
    ("values", "does_differ"), [((5.0, 5.2), True), ((4.3, 4.5), False), ((2.0, 6.9), False), ((9.0,), None)]
)
def test_it_takes_more_than_both_ranges(values, does_differ):
    assert differs(values, (4.0, 4.2)) is does_differ


def test_the_verdict_names_what_changed_for_sure():
    assert verdict(outcome(lab=(4.1, 4.3)), BASELINE) == "within the spread"
    mixed = outcome(lab=(4.1, 4.3), hue_error=(9.0, 9.1), delta_e_2000=(1.0, 1.1))
    assert verdict(mixed, BASELINE) == "better in CIEDE2000; worse in hue error"


def test_one_seed_judges_nothing():
    assert "no spread" in verdict(outcome(lab=(50.0,)), outcome("baseline", (4.0,)))


def test_the_table_has_means_spread_and_what_is_missing():
    unseen = (math.nan, math.nan)
    table = markdown([BASELINE, outcome(delta_e_2000_truth=unseen)], {"A3": "no words here."})
    rows = table.splitlines()
    assert "| 4.10 ± 0.14 |" in rows[2]
    assert "| 5.10 ± 0.14 | – | worse in LAB distance, hue error, CIEDE2000 |" in rows[3]
    assert rows[-1] == "A3 is left out: no words here."
    assert len({row.count("|") for row in rows[:4]}) == 1


def test_figures_are_strict_json_by_seed():
    figures = summary(outcome(lab=(5.0, math.nan)), BASELINE)["metrics"]["lab_distance"]
    assert figures["by_seed"]["0"] == figures["mean"] == 5
    assert figures["std"] is None
    assert figures["difference"] == pytest.approx(0.9)
    assert '"1": null' in json_text(figures)
