"""Weights of the small networks that come with the package: a safetensors reader in numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from wallpaint.errors import WeightsError

WEIGHTS = "bounce.safetensors"
_TYPES: Mapping[str, Any] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_MAX_HEADER = 1 << 20  # bytes; the shipped file's header has a few thousand


@cache
def shipped_weights() -> Mapping[str, np.ndarray]:
    """Weights of the shipped interreflection network, float32 arrays by parameter name; read once.

    Raises `WeightsError` if the file is damaged.
    """
    return read_weights(Path(str(files("wallpaint"))) / "weights" / "bounce" / WEIGHTS)


def read_weights(path: Path) -> Mapping[str, np.ndarray]:
    """Arrays of a safetensors file, as float32, by name.

    The file is the header's length, a JSON header of that length, and the tensors' bytes (huggingface/safetensors,
    README, "Format").

    Raises
    ------
    WeightsError
        The file is missing or damaged.
    """
    try:
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        if not 0 < length <= _MAX_HEADER:
            raise ValueError(f"its header claims {length} bytes")
        header = json.loads(content[8 : 8 + length])
        body = memoryview(content)[8 + length :]
        return {name: _array(body, about) for name, about in header.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(path, f"these weights cannot be read ({error}). Install wallpaint again.") from None


def _array(body: memoryview, about: Any) -> np.ndarray:
    first, last = about["data_offsets"]
    flat = np.frombuffer(body[first:last], _TYPES[about["dtype"]])
    return flat.reshape(about["shape"]).astype(np.float32)
