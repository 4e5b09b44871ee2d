"""The network in numpy: a pass over a small picture needs no library that takes seconds to load.

The same arithmetic as `wallpaint.train.networks.interreflection.network`, in float32; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wallpaint.networks.interreflection_inputs import FOLD, GROUPS

Weights = Mapping[str, np.ndarray]
_EPSILON = np.float32(1e-5)


def run_network(weights: Weights, maps: np.ndarray) -> np.ndarray:
    """One pass.

    Parameters
    ----------
    weights : mapping of str to array
        Named as the trained module names them.
    maps : (12, h, w) float32
        From `network_input`; h and w multiples of 16.

    Returns
    -------
    (7, h, w) float32
        Before any sigmoid; see `read_outputs`.
    """
    levels = sum(name.startswith("down.") and name.endswith(".conv1.weight") for name in weights)
    y = _block(weights, "first", _convolved(weights, "stem", _folded(maps)))
    kept = []
    for level in range(levels):
        kept.append(y)
        y = _block(weights, f"down.{level}", _halved(y))
    whole = weights["whole.weight"] @ y.mean((1, 2)) + weights["whole.bias"]
    y = _block(weights, "middle", y + whole[:, None, None])
    for level in reversed(range(levels)):
        finer = np.concatenate([y.repeat(2, axis=1).repeat(2, axis=2), kept[level]])
        y = _block(weights, f"up.{level}", finer)
    return _unfolded(_convolved(weights, "head", _silu(_normalized(weights, "norm", y))))


def _block(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    inner = _convolved(weights, f"{name}.conv1", _silu(_normalized(weights, f"{name}.norm1", x)))
    inner = _convolved(weights, f"{name}.conv2", _silu(_normalized(weights, f"{name}.norm2", inner)))
    return _convolved(weights, f"{name}.shortcut", x) + inner


def _convolved(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """3×3 with a border of zeros, or 1×1: a matrix product over shifted copies."""
    kernel, (_, height, width) = weights[f"{name}.weight"], x.shape
    columns = x
    if kernel.shape[-1] == 3:
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        shifts = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
        columns = np.stack(shifts, axis=1)
    product = kernel.reshape(len(kernel), -1) @ columns.reshape(-1, height * width)
    return (product + weights[f"{name}.bias"][:, None]).reshape(-1, height, width)


def _normalized(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    grouped = x.reshape(GROUPS, -1)
    grouped = grouped - grouped.mean(axis=1, keepdims=True)
    grouped = grouped / np.sqrt((grouped**2).mean(axis=1, keepdims=True) + _EPSILON)
    scale, shift = (weights[f"{name}.{kind}"][:, None, None] for kind in ("weight", "bias"))
    return grouped.reshape(x.shape) * scale + shift


def _silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-np.clip(x, -60, 60)))


def _halved(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2).mean((2, 4))


def _folded(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    cells = x.reshape(channels, height // FOLD, FOLD, width // FOLD, FOLD)
    return np.ascontiguousarray(cells.transpose(0, 2, 4, 1, 3)).reshape(-1, height // FOLD, width // FOLD)


def _unfolded(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    cells = x.reshape(channels // FOLD**2, FOLD, FOLD, height, width)
    return np.ascontiguousarray(cells.transpose(0, 3, 1, 4, 2)).reshape(-1, height * FOLD, width * FOLD)
