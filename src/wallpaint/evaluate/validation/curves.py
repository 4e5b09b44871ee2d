"""Curves of metrics and loss over the steps of a training, as SVG."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence

import numpy as np

from wallpaint.evaluate.validation.files import Validation
from wallpaint.evaluate.validation.targets import Target
from wallpaint.optional import needs_extra

with needs_extra("train", "A report's curves"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

_SIZE = (5.2, 3.3)  # inches
_SERIES = (("val", "as painted", "#1f4e79"), ("val_locked", "locked", "#c46a2b"))
_MOST_POINTS = 600
_SMOOTHED_OVER = 0.05  # width of the running mean, as a share of all points


def metric_curve(
    validations: Sequence[Validation], metric: str, title: str, target: Target | None = None
) -> str | None:
    """Curves of a metric's mean and 95th percentile before and after the colour lock, with its targets.

    Returns
    -------
    str or None
        An SVG; None if no validation measured the metric.
    """
    steps = [validation.step for validation in validations]
    curves = {
        (prefix, summary): np.array([validation.value(metric, summary, prefix) for validation in validations])
        for prefix, _, _ in _SERIES
        for summary in ("mean", "p95")
    }
    if not any(np.isfinite(values).any() for values in curves.values()):
        return None
    figure, axes = _axes(title)
    around = 1 + 0.02 * (max(steps) - min(steps))
    axes.set_xlim(min(steps) - around, max(steps) + around)
    for prefix, name, color in _SERIES:
        axes.plot(steps, curves[prefix, "mean"], "o-", color=color, markersize=3.5, label=name)
        axes.plot(steps, curves[prefix, "p95"], "--", color=color, linewidth=0.8, alpha=0.6)
    if target is not None:
        for bound, name in ((target.good, "good"), (target.excellent, "excellent")):
            axes.axhline(bound, color="#4d8a4f", linewidth=0.9, linestyle=":" if name == "good" else "-.")
            axes.annotate(
                f"{name} < {bound:g}", (1, bound), xycoords=("axes fraction", "data"), ha="right", va="bottom", size=8
            )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    return as_svg(figure)


def loss_curve(losses: Mapping[int, float]) -> str | None:
    """Curve of the loss and of its running mean over 5 % of the training: an SVG, or None without finite values."""
    points = np.array([(step, loss) for step, loss in sorted(losses.items()) if math.isfinite(loss)])
    if not len(points):
        return None
    shown = np.array([group.mean(axis=0) for group in np.array_split(points, min(len(points), _MOST_POINTS))])
    figure, axes = _axes("training loss")
    axes.plot(*shown.T, color="#1f4e79", linewidth=0.6, alpha=0.4)
    axes.plot(shown[:, 0], _running_mean(shown[:, 1]), color="#1f4e79", linewidth=1.6)
    axes.set_ylim(bottom=0)
    return as_svg(figure)


def _axes(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel("step", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure, axes


def _running_mean(values: np.ndarray) -> np.ndarray:
    """Centred running mean, over fewer values at both ends."""
    width = max(1, round(_SMOOTHED_OVER * len(values)))
    window = np.ones(width)
    return np.convolve(values, window, "same") / np.convolve(np.ones(len(values)), window, "same")


def as_svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "wallpaint"}):  # so that equal curves give identical files
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
