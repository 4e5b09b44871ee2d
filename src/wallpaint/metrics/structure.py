"""Structure against the photo: the wall's shading, and changes outside the wall."""

from __future__ import annotations

import math

import cv2
import numpy as np

from wallpaint.color import luminance
from wallpaint.mask import is_wall
from wallpaint.photo import FAINTEST, bytes_to_linear

_STRIP = 256  # rows processed at a time; float copies of a whole photo would take ten times its memory


def shading_correlation(source: np.ndarray, output: np.ndarray, mask: np.ndarray) -> float:
    """Pearson correlation of log luminance between two pictures on the masked pixels.

    source, output : (H, W, 3) uint8 sRGB; mask : (H, W), > 0.5 or > 127 counts.

    Returns a number in [-1, 1]; ``nan`` if either picture has no shading on these pixels, or none is masked.
    """
    wall = mask > (127 if mask.dtype == np.uint8 else 0.5)
    count, sums, products = 0, np.zeros(2), np.zeros((2, 2))
    for top in range(0, len(wall), _STRIP):
        rows = slice(top, top + _STRIP)
        logs = np.stack([_log_luminance(picture[rows][wall[rows]]) for picture in (source, output)])
        count, sums, products = count + logs.shape[1], sums + logs.sum(axis=1), products + logs @ logs.T
    if count == 0:
        return math.nan
    covariance = products / count - np.outer(sums, sums) / count**2
    if covariance.diagonal().min() < 1e-12:
        return math.nan
    return float(covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1]))


def outside_max_change(source: np.ndarray, output: np.ndarray, mask: np.ndarray) -> int:
    """Largest change of a byte outside the wall, in [0, 255]; wallpaint's own pictures have 0.

    Parameters
    ----------
    source, output : (H, W, 3) uint8
        sRGB, before and after.
    mask : (H, W) bool or float in [0, 1]
        Pixels of at most 0.5 are outside. Pass `may_change` of the mask to leave out the edge band.
    """
    change = cv2.absdiff(source, output)[~is_wall(mask)]
    return int(change.max(initial=0))


def _log_luminance(pixels: np.ndarray) -> np.ndarray:
    """(N, 3) bytes → (N,) float64 ln of luminance; black counts as half the first step above it."""
    return np.log(np.maximum(luminance(bytes_to_linear(pixels).astype(np.float64)), FAINTEST))
