"""Plot of ablation results with one dot for each run, which shows the spread between seeds."""

from __future__ import annotations

from collections.abc import Sequence

from wallpaint.evaluate.validation.curves import as_svg
from wallpaint.optional import needs_extra
from wallpaint.train.ablation.results import METRICS, AblationResult

with needs_extra("train", "The plot of ablations"):
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOTS, _BAND = "#1f4e79", "#c46a2b"


def ablation_plot(results: Sequence[AblationResult]) -> str:
    """An SVG with a panel for each measured metric, a row for each ablation, and the baseline's range as a band.

    results : the baseline first.
    """
    metrics = [metric for metric in METRICS if any(result.measured(metric) for result in results)]
    figure = Figure(figsize=(2 + 2.6 * max(1, len(metrics)), 1 + 0.35 * len(results)), layout="constrained")
    panels = figure.subplots(1, max(1, len(metrics)), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, metrics, strict=False):
        _draw(axes, results, metric)
    panels[0].set_yticks(range(len(results)), [f"{result.name}: {result.change}" for result in results])
    panels[0].invert_yaxis()
    return as_svg(figure)


def _draw(axes: Axes, results: Sequence[AblationResult], metric: str) -> None:
    band = results[0].measured(metric)
    if band:
        axes.axvspan(min(band), max(band), color=_BAND, alpha=0.25, linewidth=0)
    for row, result in enumerate(results):
        values = result.measured(metric)
        axes.plot(values, [row] * len(values), "o", color=_DOTS, markersize=4, alpha=0.7)
    axes.set_title(METRICS[metric], fontsize=9, loc="left")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(left=0)
