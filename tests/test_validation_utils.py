"""The workflow's module name."""

from __future__ import annotations

import runpy
from pathlib import Path

import wallpaint.evaluate
import wallpaint.metrics


def test_the_workflows_names_are_ours():
    names = runpy.run_path(str(Path(__file__).parents[1] / "validation_utils.py"))
    assert names["compute_color_fidelity_metrics"] is wallpaint.metrics.compute_color_fidelity_metrics
    assert names["aggregate_metrics"] is wallpaint.metrics.aggregate_metrics
    assert names["normalize_depth_map"] is wallpaint.evaluate.normalize_depth_map
    assert names["validation_grid"] is wallpaint.evaluate.validation_grid
