import math

import pytest

from wallpaint.evaluate import TARGETS


@pytest.mark.parametrize(
    ("metric", "mean", "verdict"),
    [
        ("lab_distance", 15, "missed"),
        ("lab_distance", 14.99, "good"),
        ("lab_distance", 5, "good"),
        ("lab_distance", 4.99, "excellent"),
        ("hue_error", 10, "missed"),
        ("hue_error", 2.9, "excellent"),
        ("delta_e", 9.9, "good"),
        ("delta_e", 2.9, "excellent"),
        ("hue_error", math.nan, "not measured"),
    ],
)
def test_a_target_is_reached_below_its_bound(metric, mean, verdict):
    assert TARGETS[metric].verdict(mean) == verdict
