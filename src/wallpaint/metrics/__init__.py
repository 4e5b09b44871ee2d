"""How true a painted wall is: to the reference (`fidelity`), and to the photo's own light and rest (`structure`)."""

from wallpaint.metrics.fidelity import METRICS, aggregate_metrics, compute_color_fidelity_metrics
from wallpaint.metrics.structure import outside_max_change, shading_correlation

__all__ = [
    "METRICS",
    "aggregate_metrics",
    "compute_color_fidelity_metrics",
    "outside_max_change",
    "shading_correlation",
]
