"""Rooms as full as real ones: patches and patterns of other reflectance on all that is no wall.

A surface that reflects twice as much shows twice as much light, whatever way it came by: f, the share that came by
way of the wall, stays what it was. (That it also lights the rest of the room otherwise is left out.) So a few hundred
rendered rooms show far more kinds of floors, pictures, seats and people than were rendered.
"""

from __future__ import annotations

import cv2
import numpy as np

_SHAPES = 14  # at most
_SIZES = (0.03, 0.35)  # of the picture's side
_SHAPE_LIGHTNESS, _SHAPE_COLOR = 0.7, 0.25  # nepers, standard deviation
_PATTERN = 0.25
_LARGEST = 1.1  # nepers


def cluttered(maps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Maps of a room with other reflectances wherever there is no wall.

    maps : (S, S, 20 or 23) float32: share of wall; a, b and c of what is no wall, times its share, and that share; a, b
    and c of everything; the wallpapered twin, if there is one. Returns a new array.
    """
    changed = maps.copy()
    factor = reflectance_factors(maps.shape[0], random)
    others = maps[..., 1:10] * np.tile(factor, 3)
    changed[..., 1:10] = others
    changed[..., 11:20] += others - maps[..., 1:10]
    if maps.shape[-1] > 20:
        changed[..., 20:] *= 1 + maps[..., 10:11] * (factor - 1)
    return changed


def reflectance_factors(side: int, random: np.random.Generator) -> np.ndarray:
    """(side, side, 3) float32 in [1/3, 3]: shapes of one colour over a pattern that is coarse and fine at once."""
    log = np.zeros((side, side, 3), np.float32)
    for cells in (4, 16, 64):
        coarse = random.normal(0, _PATTERN * random.random(), (cells, cells, 3)).astype(np.float32)
        coarse = 0.3 * coarse + 0.7 * coarse.mean(axis=-1, keepdims=True)
        log += cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(random.integers(_SHAPES + 1)):
        color = random.normal(0, _SHAPE_LIGHTNESS) + random.normal(0, _SHAPE_COLOR, 3)
        center, size = random.uniform(0, side, 2), side * random.uniform(*_SIZES, 2)
        corners = cv2.boxPoints((center.tolist(), size.tolist(), float(random.uniform(0, 180))))
        if random.random() < 0.5:
            cv2.fillConvexPoly(log, np.rint(corners).astype(np.int32), color.tolist())
        else:
            cv2.ellipse(log, (center.tolist(), size.tolist(), float(random.uniform(0, 180))), color.tolist(), -1)
    return np.exp(np.clip(log, -_LARGEST, _LARGEST))
