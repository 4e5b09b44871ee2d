"""Means of masked pixels over a Gaussian neighbourhood or over the cells of a coarse grid."""

from __future__ import annotations

import cv2
import numpy as np


def mean_around(values: np.ndarray, weight: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted Gaussian mean around every pixel.

    Normalized convolution (Knutsson & Westin, "Normalized and Differential Convolution", CVPR 1993): pixels of weight
    0 are ignored.

    Parameters
    ----------
    values : (H, W) or (H, W, C) float
    weight : (H, W) float of the same dtype
        Weight of each pixel, ≥ 0.
    reach : float
        Standard deviation of the Gaussian in pixels, > 0.

    Returns
    -------
    mean : shape of `values`
        Weighted mean; 0 where no pixel within reach has weight.
    coverage : (H, W)
        Mean weight around each pixel, a measure of the mean's reliability.
    """
    coverage = cv2.GaussianBlur(weight, (0, 0), reach, borderType=cv2.BORDER_REFLECT)
    broadcast = weight[..., None] if values.ndim == 3 else weight
    total = cv2.GaussianBlur(values * broadcast, (0, 0), reach, borderType=cv2.BORDER_REFLECT)
    covered = coverage[..., None] if values.ndim == 3 else coverage
    return np.divide(total, covered, out=np.zeros_like(total), where=covered > 1e-6), coverage


def cell_means(pixels: np.ndarray, where: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """Means of the marked pixels in the cells of a coarse grid.

    In large cells only every n-th row and column is read, at least four per cell.

    Parameters
    ----------
    pixels : (H, W) or (H, W, C) uint8
    where : (H, W) uint8
        1 = pixel is marked, 0 = it is not.
    side : float
        Side of a cell in pixels; at least 1 is used.

    Returns
    -------
    means : (rows, columns) or (rows, columns, C) float32
        Mean of the marked pixels in each cell, [0, 255].
    share : (rows, columns) float32
        Share of marked pixels in each cell, [0, 1].
    """
    height, width = where.shape
    cells = (max(1, round(width / max(side, 1))), max(1, round(height / max(side, 1))))
    stride = max(1, int(side // 4))
    pixels, where = (np.ascontiguousarray(plane[::stride, ::stride]) for plane in (pixels, where))
    share = cv2.resize(where * np.uint8(255), cells, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    marked = cv2.bitwise_and(pixels, pixels, mask=where)
    total = cv2.resize(marked, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    covered = np.maximum(share, 1 / 255)
    return np.minimum(total / (covered if total.ndim == 2 else covered[..., None]), 255), share
