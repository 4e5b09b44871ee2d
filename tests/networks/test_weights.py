import json

import numpy as np
import pytest

from wallpaint.errors import WeightsError
from wallpaint.networks.weights import read_weights, shipped_weights


def test_shipped_weights_are_finite_and_small():
    weights = shipped_weights()
    assert all(np.isfinite(value).all() for value in weights.values())
    assert sum(value.size for value in weights.values()) * 2 <= 8_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 8,
        b"\xff" * 64,
        (7).to_bytes(8, "little") + b"no json",
        (2).to_bytes(8, "little") + b"[]",
        *[
            len(text).to_bytes(8, "little") + text
            for text in (
                json.dumps({"a": {"dtype": "F16", "shape": [9], "data_offsets": [0, 18]}}).encode(),
                json.dumps({"a": {"dtype": "I8", "shape": [0], "data_offsets": [0, 0]}}).encode(),
                json.dumps({"a": {"shape": [0]}}).encode(),
            )
        ],
    ],
)
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "bounce.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"bounce\.safetensors.*Install wallpaint again"):
        read_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match="none"):
        read_weights(tmp_path / "none")
