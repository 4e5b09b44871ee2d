"""Ablations on a tiny model: the same for all but one thing, taken up where they were left."""

from __future__ import annotations

import json
import shutil

import pytest
import tiny_ablation
import torch
from safetensors.torch import load_file

from wallpaint.errors import SettingError
from wallpaint.train import load_ablations
from wallpaint.train.ablation import ablate
from wallpaint.train.ablation.ablate import (
    FIGURES,
    PLOT,
    TABLE,
    plan_ablations,
    results_of,
    run_ablation,
    write_results,
)

pytestmark = pytest.mark.filterwarnings("ignore:`log_with=")  # no tracker is wanted
KNOWN = load_ablations()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablated")
    base = tiny_ablation.bare_base(folder / "wordless")  # it has no tokenizer
    return tiny_ablation.overrides(base, tiny_ablation.two_rooms(folder / "rooms"))


@pytest.fixture(scope="module")
def planned(settings):
    return lambda output, *names, seeds=(0,), more=(): plan_ablations(
        [KNOWN[name] for name in names], seeds, output, None, [*settings, *more]
    )


@pytest.fixture(scope="module")
def finished(planned, tmp_path_factory):
    """The baseline and A5; only to look at."""
    plan = planned(tmp_path_factory.mktemp("runs"), "A3", "A5")
    assert all(run_ablation(run) for run in plan.runs)
    write_results(plan)
    return plan


def test_nothing_but_one_thing_is_changed(planned, tmp_path):
    baseline, changed = (run.config.model_dump() for run in planned(tmp_path, "A4").runs)
    own = {"output", "validation", "training"}
    assert {key for key in baseline if baseline[key] != changed[key]} == own
    assert baseline["training"] | {"use_color_loss": True} == changed["training"]
    assert baseline["validation"] | {"folder": changed["validation"]["folder"]} == changed["validation"]


def test_every_experiment_has_the_same_seeds_and_the_baseline_comes_first(planned, tmp_path):
    runs = planned(tmp_path, "A5", seeds=(4, 2)).runs
    assert [run.name for run in runs] == ["baseline-seed4", "A5-seed4", "baseline-seed2", "A5-seed2"]
    assert [run.config.seed for run in runs] == [4, 4, 2, 2]
    assert len({run.config.output for run in runs}) == len({run.config.validation.folder for run in runs}) == 4


def test_words_are_left_out_where_the_base_cannot_read(finished):
    assert "no text encoder" in finished.left_out["A3"]
    assert "A3 is left out" in (finished.output / TABLE).read_text()


def test_results_are_those_of_the_runs(finished):
    figures = json.loads((finished.output / FIGURES).read_text())["experiments"]
    for run in finished.runs:
        (metrics,) = (finished.output / run.name / "validation").glob("*_000002_metrics.json")
        value = json.loads(metrics.read_text())["aggregated_metrics"]["val/lab_distance_mean"]
        assert figures[run.ablation.name]["metrics"]["lab_distance"]["by_seed"][str(run.seed)] == value
    assert (finished.output / PLOT).read_text().lstrip().startswith("<?xml")


def test_a_model_without_colour_tokens_learns_something_else(finished):
    baseline, without = (load_file(run.config.output / "final" / "ip_adapter.safetensors") for run in finished.runs)
    assert any(not torch.equal(baseline[name], without[name]) for name in baseline)
    assert results_of(finished)[0].values != results_of(finished)[1].values


def test_finished_runs_are_not_run_again(finished, monkeypatch):
    monkeypatch.setattr(ablate, "train", lambda *_, **__: pytest.fail("it trained"))
    assert all(run_ablation(run) for run in finished.runs)


def test_a_run_that_was_killed_ends_as_one_that_was_not(finished, planned, tmp_path):
    whole = finished.runs[0].config.output
    (killed,) = planned(tmp_path).runs
    shutil.copytree(whole / "checkpoint-000001", killed.config.output / "checkpoint-000001")
    assert killed.result is None
    assert run_ablation(killed)
    assert len((killed.config.output / "training_log.jsonl").read_text().splitlines()) == 1
    assert killed.result.aggregated_metrics == finished.runs[0].result.aggregated_metrics


def test_a_run_that_was_killed_before_its_last_validation_is_validated(finished, planned, tmp_path):
    (killed,) = planned(tmp_path).runs
    shutil.copytree(finished.runs[0].config.output / "checkpoint-000002", killed.config.output / "checkpoint-000002")
    assert run_ablation(killed)
    assert killed.result is not None


def test_runs_of_another_configuration_are_not_mixed_in(finished, planned):
    with pytest.raises(SettingError, match="holds a run with another configuration"):
        planned(finished.output, more=["optimization.learning_rate=0.5"])


def test_the_precision_is_settled_once(finished, planned, monkeypatch):
    monkeypatch.setattr(ablate, "choose_precision", lambda *_: pytest.fail("it measured again"))
    plan = planned(finished.output, more=["optimization.mixed_precision=auto"])
    assert {run.config.optimization.mixed_precision for run in plan.runs} == {"no"}
