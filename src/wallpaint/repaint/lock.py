"""The colour lock: after everything, the median of the wall is the reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wallpaint.color import delta_e_2000, srgb_to_lab, srgb_to_linear
from wallpaint.reference import wall_median

_ATTEMPTS = 6


def lock_color(paint: Callable[[np.ndarray], np.ndarray], reference: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Aim again until the wall's median is the reference.

    Edges and highlights move a wall's median a little away from what was aimed at. Each attempt moves the aim by
    what the last one missed, in sRGB bytes, and the closest picture is kept. A pattern's median may move farther than
    the aim did: each time a channel overshoots, its steps are halved.

    Parameters
    ----------
    paint : callable
        From (3,) linear light to be aimed at to an (H, W, 3) uint8 picture.
    reference : (3,) float
        sRGB in [0, 1].
    wall : (H, W) bool
        The pixels whose median counts.

    Returns
    -------
    (H, W, 3) uint8
    """
    aim = np.asarray(reference, np.float64)
    target = np.rint(aim * 255)
    best, least = None, np.inf
    step, last_miss = np.ones(3), np.zeros(3)
    for _ in range(_ATTEMPTS):
        picture = paint(srgb_to_linear(aim))
        median = wall_median(picture, wall)
        missed = float(delta_e_2000(srgb_to_lab(median / 255), srgb_to_lab(target / 255)))
        if missed < least:
            best, least = picture, missed
        if missed == 0:
            break
        miss = target - median
        step = np.where(miss * last_miss < 0, step / 2, step)
        aim, last_miss = np.clip(aim + step * miss / 255, 0, 1), miss
    assert best is not None
    return best
