"""U-Net inference in numpy, without torch.

Computes the same as `wallpaint.train.networks.interreflection.network`, in float32; a test compares the two. On a
small picture numpy is fast enough, and it loads in less time than any library of networks.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wallpaint.networks.interreflection_inputs import FOLD, GROUPS

Weights = Mapping[str, np.ndarray]
_EPSILON = np.float32(1e-5)


def run_network(weights: Weights, maps: np.ndarray) -> np.ndarray:
    """Run the network once.

    Parameters
    ----------
    weights : mapping of str to array
        By the parameter names of the trained torch module.
    maps : (12, h, w) float32
        From `network_input`; h and w multiples of 16.

    Returns
    -------
    (7, h, w) float32
        Raw outputs, before any sigmoid; `decode_outputs` interprets them.
    """
    levels = sum(name.startswith("down.") and name.endswith(".conv1.weight") for name in weights)
    y = _block(weights, "first", _convolution(weights, "stem", _pixel_unshuffle(maps)))
    skips = []
    for level in range(levels):
        skips.append(y)
        y = _block(weights, f"down.{level}", _average_pool(y))
    whole = weights["whole.weight"] @ y.mean((1, 2)) + weights["whole.bias"]
    y = _block(weights, "middle", y + whole[:, None, None])
    for level in reversed(range(levels)):
        joined = np.concatenate([y.repeat(2, axis=1).repeat(2, axis=2), skips[level]])
        y = _block(weights, f"up.{level}", joined)
    return _pixel_shuffle(_convolution(weights, "head", _silu(_group_norm(weights, "norm", y))))


def _block(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    inner = _convolution(weights, f"{name}.conv1", _silu(_group_norm(weights, f"{name}.norm1", x)))
    inner = _convolution(weights, f"{name}.conv2", _silu(_group_norm(weights, f"{name}.norm2", inner)))
    return _convolution(weights, f"{name}.shortcut", x) + inner


def _convolution(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """3×3 convolution with zero padding, or 1×1, as a matrix product over shifted copies (im2col)."""
    kernel, (_, height, width) = weights[f"{name}.weight"], x.shape
    columns = x
    if kernel.shape[-1] == 3:
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        shifts = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
        columns = np.stack(shifts, axis=1)
    product = kernel.reshape(len(kernel), -1) @ columns.reshape(-1, height * width)
    return (product + weights[f"{name}.bias"][:, None]).reshape(-1, height, width)


def _group_norm(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    grouped = x.reshape(GROUPS, -1)
    grouped = grouped - grouped.mean(axis=1, keepdims=True)
    grouped = grouped / np.sqrt((grouped**2).mean(axis=1, keepdims=True) + _EPSILON)
    scale, shift = (weights[f"{name}.{kind}"][:, None, None] for kind in ("weight", "bias"))
    return grouped.reshape(x.shape) * scale + shift


def _silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-np.clip(x, -60, 60)))


def _average_pool(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2).mean((2, 4))


def _pixel_unshuffle(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    cells = x.reshape(channels, height // FOLD, FOLD, width // FOLD, FOLD)
    return np.ascontiguousarray(cells.transpose(0, 2, 4, 1, 3)).reshape(-1, height // FOLD, width // FOLD)


def _pixel_shuffle(x: np.ndarray) -> np.ndarray:
    channels, height, width = x.shape
    cells = x.reshape(channels // FOLD**2, FOLD, FOLD, height, width)
    return np.ascontiguousarray(cells.transpose(0, 3, 1, 4, 2)).reshape(-1, height * FOLD, width * FOLD)
