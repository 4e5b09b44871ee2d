"""Metrics and sheets of validation, under the names of the workflow; defined in `wallpaint.metrics` and `.evaluate`."""

from wallpaint.evaluate import normalize_depth_map, validation_grid
from wallpaint.metrics import aggregate_metrics, compute_color_fidelity_metrics

__all__ = ["aggregate_metrics", "compute_color_fidelity_metrics", "normalize_depth_map", "validation_grid"]
