"""Values of a coarse grid at single pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CellPoints:
    """N pixels of a picture that a grid is laid over.

    Attributes
    ----------
    corners : (4, N) int
        The cells around each, as places in the flattened grid.
    weights : (4, N) float32
        Of those cells; together 1.
    """

    corners: np.ndarray
    weights: np.ndarray

    @classmethod
    def at(
        cls, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, ...], grid_shape: tuple[int, ...]
    ) -> CellPoints:
        """Of pixels in `rows` and `columns`, (N,) int, of a picture of `shape`."""
        (top, bottom, down), (left, right, across) = (
            _neighbours(where, count, length)
            for where, count, length in zip((rows, columns), grid_shape, shape, strict=True)
        )
        width = grid_shape[1]
        corners = [top * width + left, top * width + right, bottom * width + left, bottom * width + right]
        weights = [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across]
        return cls(np.stack(corners), np.stack(weights).astype(np.float32))

    def of(self, cells: np.ndarray) -> np.ndarray:
        """What OpenCV's bilinear enlarging of a grid, (h, w) or (h, w, C), gives there: (N,) or (N, C) float.

        >>> CellPoints.at(np.array([0, 0]), np.array([0, 2]), (1, 4), (1, 2)).of(np.array([[0.0, 1.0]])).tolist()
        [0.0, 0.75]
        """
        around = cells.reshape(-1, *cells.shape[2:])[self.corners]
        return np.einsum("kn...,kn->n...", around, self.weights)


def _neighbours(where: np.ndarray, count: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells before and after along one side, and how far towards the latter."""
    exact = np.clip((where + 0.5) * count / length - 0.5, 0, count - 1)
    before = np.minimum(exact.astype(np.intp), max(0, count - 2))
    return before, np.minimum(before + 1, count - 1), exact - before
