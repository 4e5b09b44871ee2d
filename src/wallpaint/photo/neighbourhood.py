"""Means over a neighbourhood to which only some of its pixels belong."""

from __future__ import annotations

import cv2
import numpy as np


def mean_around(values: np.ndarray, weight: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted Gaussian mean around every pixel.

    Normalized convolution (Knutsson & Westin, "Normalized and Differential Convolution", CVPR 1993): pixels of weight
    0 neither count nor leave a hole.

    Parameters
    ----------
    values : (H, W) or (H, W, C) float
    weight : (H, W) float of the same dtype
        ≥ 0.
    reach : float
        Standard deviation of the Gaussian in pixels, > 0.

    Returns
    -------
    mean : shape of `values`
        0 where there is no weight within reach.
    coverage : (H, W)
        Mean weight around each pixel, by which to tell how much a mean stands on.
    """
    coverage = cv2.GaussianBlur(weight, (0, 0), reach, borderType=cv2.BORDER_REFLECT)
    broadcast = weight[..., None] if values.ndim == 3 else weight
    total = cv2.GaussianBlur(values * broadcast, (0, 0), reach, borderType=cv2.BORDER_REFLECT)
    covered = coverage[..., None] if values.ndim == 3 else coverage
    return np.divide(total, covered, out=np.zeros_like(total), where=covered > 1e-6), coverage
