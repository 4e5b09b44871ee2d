"""Data augmentation: patches and patterns of other reflectance on everything outside the wall.

A surface that reflects twice as much light is twice as bright, whatever path the light took, so f, the share of light
that the wall has reflected, does not change. (That the surface also lights the rest of the room more is neglected.) So
a few hundred rendered rooms show many more kinds of floors, pictures, furniture and people than were rendered.
"""

from __future__ import annotations

import cv2
import numpy as np

_MAX_SHAPES = 14
_SIZES = (0.03, 0.35)  # range of a shape's width and height, as shares of the picture's side
_SHAPE_LIGHTNESS, _SHAPE_COLOR = 0.7, 0.25  # nepers; standard deviations
_PATTERN = 0.25  # nepers; largest standard deviation of the pattern at each scale
_MAX_FACTOR = 1.1  # nepers


def add_clutter(maps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Maps of a room with other reflectances outside the wall.

    Parameters
    ----------
    maps : (S, S, 20 or 23) float32
        Channels in order: share of wall; a, b and c of `PaintableRoom` outside the wall, times the share that is
        outside, then that share; a, b and c of everything; light of the wallpapered twin, if there is one.

    Returns
    -------
    (S, S, 20 or 23) float32
        A new array.
    """
    changed = maps.copy()
    factor = reflectance_factors(maps.shape[0], random)
    outside = maps[..., 1:10] * np.tile(factor, 3)
    changed[..., 1:10] = outside
    changed[..., 11:20] += outside - maps[..., 1:10]
    if maps.shape[-1] > 20:
        changed[..., 20:] *= 1 + maps[..., 10:11] * (factor - 1)
    return changed


def reflectance_factors(side: int, random: np.random.Generator) -> np.ndarray:
    """(side, side, 3) float32 in [1/3, 3]: rectangles and ellipses over a random pattern at three scales."""
    log = np.zeros((side, side, 3), np.float32)
    for cells in (4, 16, 64):
        coarse = random.normal(0, _PATTERN * random.random(), (cells, cells, 3)).astype(np.float32)
        coarse = 0.3 * coarse + 0.7 * coarse.mean(axis=-1, keepdims=True)
        log += cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(random.integers(_MAX_SHAPES + 1)):
        color = random.normal(0, _SHAPE_LIGHTNESS) + random.normal(0, _SHAPE_COLOR, 3)
        center, size = random.uniform(0, side, 2), side * random.uniform(*_SIZES, 2)
        corners = cv2.boxPoints((center.tolist(), size.tolist(), float(random.uniform(0, 180))))
        if random.random() < 0.5:
            cv2.fillConvexPoly(log, np.rint(corners).astype(np.int32), color.tolist())
        else:
            cv2.ellipse(log, (center.tolist(), size.tolist(), float(random.uniform(0, 180))), color.tolist(), -1)
    return np.exp(np.clip(log, -_MAX_FACTOR, _MAX_FACTOR))
