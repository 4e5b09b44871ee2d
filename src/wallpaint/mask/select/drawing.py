"""Brush strokes and polygons, drawn on a mask in wall or in nothing.

Points are (row, column) in pixels, from 0 at the middle of the top left pixel; they may lie outside of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.errors import SettingError

Point = tuple[float, float]

_SUBPIXEL_BITS = 4  # OpenCV's fixed-point coordinates: sixteenths of a pixel
_FARTHEST = 100_000  # pixels from the picture that a point may lie: with 4 more bits, well within 32


@dataclass(frozen=True)
class Stroke:
    """One stroke of a round brush.

    Attributes
    ----------
    points : sequence of (row, column)
        One or more; a single one makes a dot.
    radius : float
        Of the brush in pixels, > 0.
    keep : bool
        True adds to the wall, False takes away.

    Raises
    ------
    SettingError
        No point, a point that is no place, or no brush.
    """

    points: Sequence[Point]
    radius: float
    keep: bool = True

    def __post_init__(self) -> None:
        _check_points(self.points, "stroke", at_least=1)
        if not 0 < self.radius <= _FARTHEST:
            raise SettingError(f"a brush of radius {self.radius} paints nothing: choose some pixels, such as 20.")

    def coverage(self, shape: tuple[int, int]) -> np.ndarray:
        """(H, W) bool: the pixels it runs over."""
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
    """An outline that is filled; where it crosses itself, inside and outside change places.

    Attributes
    ----------
    corners : sequence of (row, column)
        Three or more.
    keep : bool
        True adds to the wall, False takes away.

    Raises
    ------
    SettingError
        Fewer corners, or a corner that is no place.
    """

    corners: Sequence[Point]
    keep: bool = True

    def __post_init__(self) -> None:
        _check_points(self.corners, "polygon", at_least=3)

    def coverage(self, shape: tuple[int, int]) -> np.ndarray:
        """(H, W) bool: the pixels inside, those under the outline among them."""
        canvas = np.zeros(shape, np.uint8)
        cv2.fillPoly(canvas, [_fixed_point(self.corners)], 1, cv2.LINE_8, _SUBPIXEL_BITS)
        return canvas > 0


def draw(mask: np.ndarray, shapes: Iterable[Stroke | Polygon]) -> np.ndarray:
    """A mask with shapes drawn on it, in their order.

    Parameters
    ----------
    mask : (H, W) float32
        [0, 1]; left as it is. Zeros to begin with nothing.
    shapes : iterable of Stroke or Polygon

    Returns
    -------
    (H, W) float32
        1 under what was added last, 0 under what was taken away last, the mask's own value elsewhere.
    """
    drawn = mask.astype(np.float32)
    for shape in shapes:
        drawn[shape.coverage((mask.shape[0], mask.shape[1]))] = 1 if shape.keep else 0
    return drawn


def _check_points(points: Sequence[Point], what: str, at_least: int) -> None:
    if len(points) < at_least:
        raise SettingError(f"a {what} takes {at_least} points or more; this one has {len(points)}.")
    for row, column in points:
        if not (math.isfinite(row) and math.isfinite(column) and max(abs(row), abs(column)) <= _FARTHEST):
            raise SettingError(f"a {what} cannot go through {column:g},{row:g}: choose points in or near the photo.")


def _fixed_point(points: Sequence[Point]) -> np.ndarray:
    """(N, 2) int32 as OpenCV takes them: column before row."""
    columns_rows = np.asarray(points, np.float64).reshape(-1, 2)[:, ::-1]
    return np.rint(columns_rows * 2**_SUBPIXEL_BITS).astype(np.int32)
