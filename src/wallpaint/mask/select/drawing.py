"""Brush strokes and polygons that add to a mask or remove from it.

Points are (row, column) in pixels, with 0 at the centre of the top left pixel; they may lie outside the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.errors import SettingError

Point = tuple[float, float]

_SUBPIXEL_BITS = 4  # fractional bits of OpenCV's fixed-point coordinates
_FARTHEST = 100_000  # largest coordinate in pixels; with 4 fractional bits it fits in 32 bits


@dataclass(frozen=True)
class Stroke:
    """One stroke of a round brush.

    Attributes
    ----------
    points : sequence of (row, column)
        One or more points; a single one makes a dot.
    radius : float
        Radius of the brush in pixels, > 0.
    keep : bool
        True adds to the wall, False removes from it.

    Raises
    ------
    SettingError
        There is no point, a coordinate is not finite or beyond 100,000, or the radius is not above 0.
    """

    points: Sequence[Point]
    radius: float
    keep: bool = True

    def __post_init__(self) -> None:
        _check_points(self.points, "stroke", at_least=1)
        if not 0 < self.radius <= _FARTHEST:
            raise SettingError(f"a brush of radius {self.radius} paints nothing: choose a number such as 20.")

    def coverage(self, shape: tuple[int, int]) -> np.ndarray:
        """(H, W) bool: the pixels that the brush covers."""
        canvas = np.zeros(shape, np.uint8)
        corners = _fixed_point(self.points)
        thickness = max(1, round(2 * self.radius))
        cv2.polylines(canvas, [corners], False, 1, thickness, cv2.LINE_8, _SUBPIXEL_BITS)
        for column, row in corners:
            radius = round(self.radius * 2**_SUBPIXEL_BITS)
            cv2.circle(canvas, (int(column), int(row)), radius, 1, cv2.FILLED, cv2.LINE_8, _SUBPIXEL_BITS)
        return canvas > 0


@dataclass(frozen=True)
class Polygon:
    """A filled outline; where it crosses itself, the even-odd rule decides.

    Attributes
    ----------
    corners : sequence of (row, column)
        Three corners or more.
    keep : bool
        True adds to the wall, False removes from it.

    Raises
    ------
    SettingError
        There are fewer corners, or a coordinate is not finite or beyond 100,000.
    """

    corners: Sequence[Point]
    keep: bool = True

    def __post_init__(self) -> None:
        _check_points(self.corners, "polygon", at_least=3)

    def coverage(self, shape: tuple[int, int]) -> np.ndarray:
        """(H, W) bool: the pixels inside and under the outline."""
        canvas = np.zeros(shape, np.uint8)
        cv2.fillPoly(canvas, [_fixed_point(self.corners)], 1, cv2.LINE_8, _SUBPIXEL_BITS)
        return canvas > 0


def draw(mask: np.ndarray, shapes: Iterable[Stroke | Polygon]) -> np.ndarray:
    """A copy of a mask with shapes drawn on it, in their order.

    Parameters
    ----------
    mask : (H, W) float32
        [0, 1], 1 is wall.
    shapes : iterable of Stroke or Polygon

    Returns
    -------
    (H, W) float32
        1 under shapes that add, 0 under shapes that remove, the later one where they overlap; elsewhere the mask's own
        value.
    """
    drawn = mask.astype(np.float32)
    for shape in shapes:
        drawn[shape.coverage((mask.shape[0], mask.shape[1]))] = 1 if shape.keep else 0
    return drawn


def _check_points(points: Sequence[Point], what: str, at_least: int) -> None:
    if len(points) < at_least:
        raise SettingError(f"a {what} needs {at_least} or more points; this one has {len(points)}.")
    for row, column in points:
        if not (math.isfinite(row) and math.isfinite(column) and max(abs(row), abs(column)) <= _FARTHEST):
            raise SettingError(f"a {what} cannot go through {column:g},{row:g}: choose points in or near the photo.")


def _fixed_point(points: Sequence[Point]) -> np.ndarray:
    """(N, 2) int32 (column, row) in OpenCV's fixed-point format."""
    columns_rows = np.asarray(points, np.float64).reshape(-1, 2)[:, ::-1]
    return np.rint(columns_rows * 2**_SUBPIXEL_BITS).astype(np.int32)
