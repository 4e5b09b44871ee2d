"""Metrics of painted walls: colour against the reference (`fidelity`), structure against the photo (`structure`).

`wall` computes both in one dictionary; `strict_json` writes it as JSON.
"""

from wallpaint.metrics.fidelity import METRICS, Metrics, aggregate_metrics, compute_color_fidelity_metrics
from wallpaint.metrics.strict_json import json_text
from wallpaint.metrics.structure import outside_max_change, shading_correlation
from wallpaint.metrics.wall import compare_with_source, measure_painting, measure_wall

__all__ = [
    "METRICS",
    "Metrics",
    "aggregate_metrics",
    "compare_with_source",
    "compute_color_fidelity_metrics",
    "json_text",
    "measure_painting",
    "measure_wall",
    "outside_max_change",
    "shading_correlation",
]
