"""Laying a pattern on a wall in perspective, from the four corners of a rectangle of the wall."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike

from wallpaint.albedo.log_light import encode_shift
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion
from wallpaint.photo import FAINTEST, bytes_to_linear
from wallpaint.reference import TextureSample


def lay_pattern(sample: TextureSample, region: WallRegion, corners: ArrayLike | None, repeats: float) -> np.ndarray:
    """What a texture adds to the codes of light on a wall.

    Parameters
    ----------
    sample : TextureSample
    region : WallRegion
    corners : (4, 2) float, optional
        (x, y) in pixels of the photo: top left, top right, bottom right, bottom left of an upright rectangle on the
        wall. Estimated from the mask's outline when not given.
    repeats : float
        How often the sample fits between the left and the right corners, > 0.

    Returns
    -------
    (3, h, w) int16
        Over `region.window`; see `codes.encode_shift`.

    Raises
    ------
    SettingError
        `corners` or `repeats` cannot be.
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
    return encode_shift(np.log(np.maximum(light, FAINTEST))).transpose(2, 0, 1).copy()


def check_corners(corners: ArrayLike) -> np.ndarray:
    """(4, 2) float64 corners in their order, or a `SettingError` where they cannot be a rectangle's."""
    try:
        corners = np.asarray(corners, np.float64)
    except (TypeError, ValueError):
        corners = np.empty(0)  # words, or points of different lengths
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise SettingError("four corners are needed: x,y of top left, top right, bottom right and bottom left.")
    if min(_turns(corners)) <= 0:
        raise SettingError(
            "the corners do not go round a rectangle: give top left, top right, bottom right, bottom left, clockwise."
        )
    return corners


def estimate_corners(wall: np.ndarray) -> np.ndarray:
    """(4, 2) float64 corners of the quadrilateral that fits the outline of a wall most closely.

    Each side is the line that most of the wall's outermost pixels on that side agree on (RANSAC), so that what hides
    a part of the outline does not bend it, and of two walls in one mask the longer one decides. Where those lines make
    no quadrilateral, it is the convex hull with its least telling corners cut off. A guess either way, where furniture
    hides a side.

    wall : (H, W) bool.
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
    """Where the wall begins as seen from the top, right, bottom or left: along, across, and whether along is x."""
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
    """Width over height of the rectangle behind four corners, from a camera that looks at the photo's middle.

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
        focal = 1.1 * longest  # too little perspective to measure it by: a usual wide angle
    lengths = [math.hypot(side[0] / focal, side[1] / focal, side[2]) for side in (right, down)]
    return lengths[0] / lengths[1]


def _sample_coordinates(
    sample: TextureSample, region: WallRegion, corners: np.ndarray, aspect: float, repeats: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel of the window falls on the plane of endless repeats, in the sample's own pixels."""
    width = sample.pixels.shape[1]
    rectangle = np.array([[0, 0], [1, 0], [1, 1 / aspect], [0, 1 / aspect]], np.float32) * repeats * width
    onto_sample = cv2.getPerspectiveTransform(corners.astype(np.float32), rectangle)
    rows, columns = region.window
    y, x = np.mgrid[rows, columns].astype(np.float32)
    points = onto_sample.astype(np.float32) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size, np.float32)])
    depth = np.where(np.abs(points[2]) < 1e-6, 1e-6, points[2])
    return (points[0] / depth).reshape(x.shape), (points[1] / depth).reshape(x.shape)


def _sampled(sample: TextureSample, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 linear light of the sample, averaged over what a pixel covers (trilinear mip mapping)."""
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
    """How many pixels of the sample one pixel of the photo spans."""
    steps = [
        np.abs(np.diff(coordinate, axis=axis, append=coordinate.take([-2], axis=axis)))
        for axis in (0, 1)
        if coordinate.shape[axis] > 1
    ]
    return np.maximum.reduce(steps) if steps else np.ones_like(coordinate)


def _cross(first: np.ndarray, second: np.ndarray) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def _turns(corners: np.ndarray) -> list[float]:
    """At each of four corners, above 0 where going round them turns clockwise on the screen."""
    return [_cross(corners[i - 1] - corners[i - 2], corners[i] - corners[i - 1]) for i in range(4)]
