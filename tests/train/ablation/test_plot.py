import pytest

ablation_plot = pytest.importorskip("wallpaint.train.ablation.plot").ablation_plot

from wallpaint.train.ablation.results import METRICS, AblationResult  # noqa: E402


def outcome(name, **values):
    return AblationResult(name, "changed", (0, 1), {**dict.fromkeys(METRICS, (float("nan"),) * 2), **values})


def test_it_has_a_panel_for_each_metric_that_was_measured_and_a_row_for_each_experiment():
    baseline, other = outcome("baseline", lab_distance=(1.0, 2.0)), outcome("A1", lab_distance=(3.0, float("nan")))
    svg = ablation_plot([baseline, other])
    assert svg.lstrip().startswith("<?xml")
    assert svg.count('id="axes_') == 1
    assert ablation_plot([baseline, outcome("A1", hue_error=(3.0, 4.0))]).count('id="axes_') == 2
    assert svg == ablation_plot([baseline, other])
