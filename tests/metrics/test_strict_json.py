import json

import numpy as np
import pytest

from wallpaint.metrics import json_text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_nan_and_infinity_become_null_at_any_depth(value):
    content = {"a": value, "b": [value, 1.5], "c": ({"d": value},)}
    assert json.loads(json_text(content)) == {"a": None, "b": [None, 1.5], "c": [{"d": None}]}


def test_other_values_are_kept():
    content = {"name": "Söderström", "valid": True, "count": 3, "mean": 0.25, "none": None}
    assert json.loads(json_text(content)) == content
