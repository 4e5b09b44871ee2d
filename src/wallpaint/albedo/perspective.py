"""Perspective mapping of a texture onto a wall, from the four corners of a rectangle on the wall."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike

from wallpaint.albedo.log_light import encode_log_factor
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion
from wallpaint.photo import FAINTEST, bytes_to_linear
from wallpaint.reference import TextureSample


def lay_pattern(sample: TextureSample, region: WallRegion, corners: ArrayLike | None, repeats: float) -> np.ndarray:
    """Log factors by which a texture multiplies the light of a painted wall.

    Parameters
    ----------
    sample : TextureSample
    region : WallRegion
    corners : (4, 2) float, optional
        (x, y) in pixels of the photo: top left, top right, bottom right, bottom left of an upright rectangle on the
        wall. Estimated from the mask's outline when not given.
    repeats : float
        Number of repeats of the sample between the left and the right corners, > 0.

    Returns
    -------
    (3, h, w) int16
        Over `region.window`; added to log light, see `log_light.encode_log_factor`.

    Raises
    ------
    SettingError
        `repeats` is not a number above 0, or `corners` are not those of a rectangle.
    """
    try:
        fits = math.isfinite(repeats) and repeats > 0
    except TypeError:
        fits = False
    if not fits:
        raise SettingError(f"a texture cannot repeat {repeats} times across the wall: choose a number above 0.")
    photo_shape = (region.alpha.shape[0], region.alpha.shape[1])
    corners = estimate_corners(region.is_wall) if corners is None else check_corners(corners)
    across, down = _sample_coordinates(sample, region, corners, wall_aspect(corners, photo_shape), repeats)
    light = _sampled(sample, across, down) / np.maximum(sample.color.linear, FAINTEST)
    return encode_log_factor(np.log(np.maximum(light, FAINTEST))).transpose(2, 0, 1).copy()


def check_corners(corners: ArrayLike) -> np.ndarray:
    """(4, 2) float64 corners of a rectangle in perspective, clockwise from the top left.

    Raises
    ------
    SettingError
        They are not four points of two finite numbers, or do not go clockwise round a convex shape.
    """
    try:
        corners = np.asarray(corners, np.float64)
    except (TypeError, ValueError):
        corners = np.empty(0)  # strings, or points of different lengths
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise SettingError("four corners are needed: x,y of top left, top right, bottom right and bottom left.")
    if min(_turns(corners)) <= 0:
        raise SettingError(
            "the corners do not go round a rectangle: give top left, top right, bottom right, bottom left, clockwise."
        )
    return corners


def estimate_corners(wall: np.ndarray) -> np.ndarray:
    """(4, 2) float64 corners of the quadrilateral that fits a wall's outline most closely, clockwise from the top left.

    Each side is the line through most of the wall's outermost pixels on that side (RANSAC). So objects that hide a part
    of the outline do not bend it, and of two walls in one mask the longer one counts. Where those lines form no
    quadrilateral, it is the convex hull reduced to four corners. Where furniture hides a whole side, the result is a
    guess.

    wall : (H, W) bool, True in at least one pixel.
    """
    top, right, bottom, left = (_line_along(*_outermost(wall, side)) for side in range(4))
    corners = np.array([np.cross(*pair) for pair in ((top, left), (top, right), (bottom, right), (bottom, left))])
    if np.abs(corners[:, 2]).min() > 1e-9:
        quad = corners[:, :2] / corners[:, 2:]
        farthest = 0.5 * max(wall.shape)  # a corner may lie outside the picture, within reason
        inside = (quad > -farthest).all() and (quad < np.array(wall.shape[::-1]) + farthest).all()
        if inside and min(_turns(quad)) > 0:
            return quad
    return _hull_corners(wall)


def _outermost(wall: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Coordinates of the first wall pixel of every column (side 0 top, 2 bottom) or row (1 right, 3 left).

    Returns the coordinate along the side, the one across it, and whether the first is x.
    """
    along_x = side in (0, 2)
    lines = wall if along_x else wall.T
    along = np.flatnonzero(lines.any(axis=0))
    if side in (0, 3):
        return along, lines[:, along].argmax(axis=0), along_x
    return along, len(lines) - lines[::-1, along].argmax(axis=0), along_x


def _line_along(along: np.ndarray, across: np.ndarray, along_x: bool) -> np.ndarray:
    """(3,) homogeneous line through most of the points, a x + b y + c = 0."""
    from sklearn.linear_model import RANSACRegressor

    if len(along) < 3:
        slope, offset = 0.0, float(across.mean())
    else:
        fitted = RANSACRegressor(residual_threshold=1.5, max_trials=200, random_state=0)
        fitted.fit(along[:, None].astype(np.float64), across.astype(np.float64))
        slope, offset = float(fitted.estimator_.coef_[0]), float(fitted.estimator_.intercept_)
    return np.array([slope, -1.0, offset]) if along_x else np.array([-1.0, slope, offset])


def _hull_corners(wall: np.ndarray) -> np.ndarray:
    outlines, _ = cv2.findContours(wall.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.concatenate(outlines))
    if len(hull) >= 4:
        quad = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2).astype(np.float64)
    else:
        left, top, width, height = cv2.boundingRect(hull)
        quad = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]], float)
    around = quad - quad.mean(axis=0)
    quad = quad[np.argsort(np.arctan2(around[:, 1], around[:, 0]))]  # clockwise on screen, from the far left
    first = int(np.argmin(quad.sum(axis=1)))
    return np.roll(quad, -first, axis=0)


def wall_aspect(corners: np.ndarray, photo_shape: tuple[int, int]) -> float:
    """Width over height of the rectangle whose corners are seen in perspective; optical axis in the photo's middle.

    Zhang & He, "Whiteboard Scanning and Image Enhancement", Digital Signal Processing 17(2), 2007, section 3.
    """
    middle = np.array([photo_shape[1], photo_shape[0]]) / 2
    top_left, top_right, bottom_right, bottom_left = np.column_stack([corners - middle, np.ones(4)])
    diagonal = np.cross(top_left, bottom_right)
    right = (diagonal @ bottom_left) / (np.cross(top_right, bottom_right) @ bottom_left) * top_right - top_left
    down = (diagonal @ top_right) / (np.cross(bottom_left, bottom_right) @ top_right) * bottom_left - top_left
    longest = max(photo_shape)
    vanishing = right[2] * down[2]
    squared = -(right[:2] @ down[:2]) / vanishing if abs(vanishing) > 1e-12 else math.inf
    focal = math.sqrt(squared) if squared > 0 else math.inf
    if not 0.4 * longest < focal < 5 * longest:
        focal = 1.1 * longest  # too little perspective to measure the focal length: assume a common wide angle
    lengths = [math.hypot(side[0] / focal, side[1] / focal, side[2]) for side in (right, down)]
    return lengths[0] / lengths[1]


def _sample_coordinates(
    sample: TextureSample, region: WallRegion, corners: np.ndarray, aspect: float, repeats: float
) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) column and row coordinates of the window's pixels on the endlessly repeated sample, in its pixels."""
    width = sample.pixels.shape[1]
    rectangle = np.array([[0, 0], [1, 0], [1, 1 / aspect], [0, 1 / aspect]], np.float32) * repeats * width
    onto_sample = cv2.getPerspectiveTransform(corners.astype(np.float32), rectangle)
    rows, columns = region.window
    y, x = np.mgrid[rows, columns].astype(np.float32)
    points = onto_sample.astype(np.float32) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size, np.float32)])
    depth = np.where(np.abs(points[2]) < 1e-6, 1e-6, points[2])
    return (points[0] / depth).reshape(x.shape), (points[1] / depth).reshape(x.shape)


def _sampled(sample: TextureSample, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 linear light of the sample, averaged over the area of a photo pixel (trilinear mip mapping)."""
    height, width = sample.pixels.shape[:2]
    level = np.log2(np.maximum(np.maximum(_footprint(across), _footprint(down)), 1))
    across, down = across % width, down % height
    deepest = math.log2(min(height, width))
    level = np.clip(level, 0, deepest)
    light = np.zeros((*across.shape, 3), np.float32)
    linear = bytes_to_linear(sample.pixels)
    for step in range(math.floor(level.min()), math.ceil(level.max()) + 1):
        share = np.maximum(1 - np.abs(level - step), 0)
        if share.any():
            size = (max(1, round(width / 2**step)), max(1, round(height / 2**step)))
            scale_x, scale_y = size[0] / width, size[1] / height
            coarse = cv2.copyMakeBorder(
                cv2.resize(linear, size, interpolation=cv2.INTER_AREA), 1, 1, 1, 1, cv2.BORDER_WRAP
            )
            map_x, map_y = (across + 0.5) * scale_x + 0.5, (down + 0.5) * scale_y + 0.5
            light += share[..., None] * cv2.remap(
                coarse, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
    return light


def _footprint(coordinate: np.ndarray) -> np.ndarray:
    """(h, w) number of sample pixels that one photo pixel spans, along one coordinate."""
    steps = [
        np.abs(np.diff(coordinate, axis=axis, append=coordinate.take([-2], axis=axis)))
        for axis in (0, 1)
        if coordinate.shape[axis] > 1
    ]
    return np.maximum.reduce(steps) if steps else np.ones_like(coordinate)


def _cross(first: np.ndarray, second: np.ndarray) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def _turns(corners: np.ndarray) -> list[float]:
    """Cross products at the four corners; > 0 where the path turns clockwise on the screen."""
    return [_cross(corners[i - 1] - corners[i - 2], corners[i] - corners[i - 1]) for i in range(4)]
