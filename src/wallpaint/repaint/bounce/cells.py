"""Values of a coarse grid at single pixels."""

from __future__ import annotations

import numpy as np


def bilinear(cells: np.ndarray, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What OpenCV's bilinear enlarging of a grid gives at some pixels.

    Parameters
    ----------
    cells : (h, w) or (h, w, C)
    rows, columns : (N,) int
        Of a picture of `shape` that the grid is laid over.
    shape : (H, W)

    Returns
    -------
    (N,) or (N, C) float64

    >>> bilinear(np.array([[0.0, 1.0]]), np.array([0, 0]), np.array([0, 2]), (1, 4)).tolist()
    [0.0, 0.75]
    """
    places = []
    for where, count, length in zip((rows, columns), cells.shape, shape, strict=False):
        exact = np.clip((where + 0.5) * count / length - 0.5, 0, count - 1)
        low = np.minimum(exact.astype(np.intp), max(0, count - 2))
        share = exact - low
        places.append((low, np.minimum(low + 1, count - 1), share[:, None] if cells.ndim == 3 else share))
    (top, bottom, down), (left, right, across) = places
    upper = cells[top, left] * (1 - across) + cells[top, right] * across
    lower = cells[bottom, left] * (1 - across) + cells[bottom, right] * across
    return upper * (1 - down) + lower * down
