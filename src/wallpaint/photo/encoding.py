"""Conversion between sRGB bytes and linear light with lookup tables."""

from __future__ import annotations

import numpy as np

from wallpaint.color import linear_to_srgb, srgb_to_linear

LINEAR_OF_BYTE = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)  #: (256,) linear light of every byte
FAINTEST = float(LINEAR_OF_BYTE[1]) / 2  #: half the linear light of byte 1; smaller light rounds to byte 0

_STEPS = (1 << 16) - 1  # one step is 1/20 byte where the sRGB curve is steepest
_BYTE_OF_LINEAR = np.rint(255 * linear_to_srgb(np.arange(_STEPS + 1) / _STEPS)).astype(np.uint8)


def bytes_to_linear(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB of any shape → float32 linear light in [0, 1]."""
    return LINEAR_OF_BYTE[pixels]


def linear_to_bytes(linear: np.ndarray) -> np.ndarray:
    """Linear light of any shape and range → uint8 sRGB, clipped; rounding error below 0.5 + 1/20 byte."""
    return _BYTE_OF_LINEAR[(np.clip(linear, 0, 1) * _STEPS + 0.5).astype(np.uint16)]
