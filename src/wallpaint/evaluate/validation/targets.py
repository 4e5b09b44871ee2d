"""Thresholds of the mean errors for a good and for an excellent model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Upper bounds of a mean error for a good and for an excellent model.

    >>> TARGETS["hue_error"].verdict(2.5)
    'excellent'
    """

    good: float
    excellent: float

    def verdict(self, mean: float) -> str:
        if math.isnan(mean):
            return "not measured"
        return "excellent" if mean < self.excellent else "good" if mean < self.good else "missed"


#: bounds of the aggregated means; delta_e is CIE76 like lab_distance, with stricter bounds
TARGETS: Mapping[str, Target] = {
    "lab_distance": Target(15, 5),
    "hue_error": Target(10, 3),
    "delta_e": Target(10, 3),
}
