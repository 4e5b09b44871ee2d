"""What ablations came to: the figures of their runs, and which differences are more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

BASELINE = "baseline"
METRICS: Mapping[str, str] = {
    "lab_distance": "LAB distance",
    "hue_error": "hue error, °",
    "delta_e_2000": "CIEDE2000",
    "delta_e_2000_truth": "CIEDE2000 to the truth",
}  #: all as painted, before the colour lock; less is better


@dataclass(frozen=True)
class AblationResult:
    """One experiment over its seeds.

    Attributes
    ----------
    name, change : str
    seeds : tuple of int
        Those whose runs are finished.
    values : mapping of str to tuple of float
        Each of `METRICS` by seed; nan where it could not be measured.
    """

    name: str
    change: str
    seeds: tuple[int, ...]
    values: Mapping[str, tuple[float, ...]]

    def measured(self, metric: str) -> tuple[float, ...]:
        return tuple(value for value in self.values[metric] if not math.isnan(value))


def differs(values: Sequence[float], baseline: Sequence[float]) -> bool | None:
    """Whether two groups of runs differ by more than their own spread; None if that cannot be said.

    The means must lie further apart than both ranges (largest less smallest) together. Where only chance is at work,
    normally distributed, this is wrong in 13 % of cases with two seeds and in 1 % with three (simulated); with one
    there is no spread to compare with.
    """
    if min(len(values), len(baseline)) < 2:
        return None
    ranges = sum(max(group) - min(group) for group in (values, baseline))
    return abs(fmean(values) - fmean(baseline)) > ranges


def verdict(outcome: AblationResult, baseline: AblationResult) -> str:
    """In words, which metrics an experiment changes for sure."""
    better: list[str] = []
    worse: list[str] = []
    unknown = False
    for metric, name in METRICS.items():
        values, others = outcome.measured(metric), baseline.measured(metric)
        does_differ = differs(values, others)
        if does_differ is None:
            unknown |= bool(values and others)
        elif does_differ:
            (better if fmean(values) < fmean(others) else worse).append(name.partition(",")[0])
    if unknown:
        return "one seed: there is no spread to judge by"
    words = [f"{kind} in {', '.join(names)}" for kind, names in (("better", better), ("worse", worse)) if names]
    return "; ".join(words) or "within the spread"


def summary(outcome: AblationResult, baseline: AblationResult) -> dict[str, object]:
    """As JSON has it: of each metric the values by seed, mean, standard deviation, and how it differs."""
    metrics = {}
    for metric in METRICS:
        values, others = outcome.measured(metric), baseline.measured(metric)
        metrics[metric] = {
            "by_seed": dict(zip(map(str, outcome.seeds), outcome.values[metric], strict=True)),
            "mean": fmean(values) if values else None,
            "std": stdev(values) if len(values) > 1 else None,
            "difference": fmean(values) - fmean(others) if values and others else None,
            "beyond_spread": differs(values, others),
        }
    return {"change": outcome.change, "metrics": metrics}


def markdown(outcomes: Sequence[AblationResult], left_out: Mapping[str, str]) -> str:
    """A table, mean ± standard deviation over seeds; then why some experiments are not in it.

    outcomes : the baseline first.
    """
    baseline = outcomes[0]
    head = ["experiment", "change", "seeds", *METRICS.values(), "against the baseline"]
    lines = [_row(head), _row(["---"] * len(head))]
    for outcome in outcomes:
        figures = [_written(outcome.measured(metric)) for metric in METRICS]
        against = "" if outcome is baseline else verdict(outcome, baseline)
        lines.append(_row([outcome.name, outcome.change, str(len(outcome.seeds)), *figures, against]))
    lines += ["", *(f"{name} is left out: {why}" for name, why in left_out.items())]
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _written(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return f"{fmean(values):.2f}" + (f" ± {stdev(values):.2f}" if len(values) > 1 else "")
