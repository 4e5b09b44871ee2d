"""Fidelity to the photo: the wall's own light is kept, and the rest is untouched."""

from __future__ import annotations

import math

import numpy as np

from wallpaint.color import luminance
from wallpaint.color.spaces import FAINTEST, LINEAR_OF_BYTE


def shading_correlation(source: np.ndarray, output: np.ndarray, mask: np.ndarray) -> float:
    """Pearson correlation of log luminance between two pictures on the masked pixels.

    source, output : (H, W, 3) uint8 sRGB; mask : (H, W), > 0.5 or > 127 counts.

    Returns a number in [-1, 1]; ``nan`` where either is flat, which has no shading to compare.
    """
    wall = mask > (127 if mask.dtype == np.uint8 else 0.5)
    logs = [np.log(np.maximum(luminance(LINEAR_OF_BYTE[picture[wall]]), FAINTEST)) for picture in (source, output)]
    spread = [float(values.std()) if values.size else 0.0 for values in logs]
    if min(spread) < 1e-6:
        return math.nan
    return float(np.mean((logs[0] - logs[0].mean()) * (logs[1] - logs[1].mean())) / (spread[0] * spread[1]))


def outside_max_change(source: np.ndarray, output: np.ndarray, alpha: np.ndarray) -> int:
    """The largest change of a byte where α = 0, in [0, 255]; 0 is the promise.

    source, output : (H, W, 3) uint8; alpha : (H, W) bool, or in [0, 1].
    """
    change = np.abs(source.astype(np.int16) - output.astype(np.int16)).max(axis=-1)
    return int(change[alpha <= 0].max(initial=0))
