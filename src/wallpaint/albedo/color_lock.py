"""The colour lock: after everything, the median of the wall is the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wallpaint.color import delta_e_2000, srgb_to_lab, srgb_to_linear
from wallpaint.reference import interpolated_median, wall_median

_ATTEMPTS = 8
_CENTRED = 0.15  # bytes from the middle of a byte
_HIGHEST_AIM = 1.1  # sRGB beyond white: a wall full of edges has its median below the aim, even where that is white


class Locked(NamedTuple):
    """The picture closest to the reference, (H, W, 3) uint8, and the sRGB in [0, 1.1] aimed at to get it, (3,)."""

    picture: np.ndarray
    aim: np.ndarray


def centre_aim(paint: Callable[[np.ndarray], np.ndarray], reference: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """The aim that brings the wall's median to the middle of the reference's byte, not merely within it.

    What is found on a few pixels then holds on all of them. Arguments as in `lock_color`.

    Returns
    -------
    (3,) float
        sRGB in [0, 1].
    """
    target = np.rint(np.asarray(reference, np.float64) * 255)
    aim, step, last_miss = target / 255, np.ones(3), np.zeros(3)
    for _ in range(_ATTEMPTS):
        miss = target - interpolated_median(paint(srgb_to_linear(aim)), wall)
        if np.abs(miss).max() < _CENTRED:
            break
        step = np.where(miss * last_miss < 0, step / 2, step)
        aim, last_miss = np.clip(aim + step * miss / 255, 0, 1), miss
    return aim


def lock_color(
    paint: Callable[[np.ndarray], np.ndarray],
    reference: np.ndarray,
    wall: np.ndarray,
    first_aim: np.ndarray | None = None,
) -> Locked:
    """Aim again until the wall's median is the reference.

    Edges and highlights move a wall's median a little away from what was aimed at. Each attempt moves the aim by
    what the last one missed, in sRGB, and the closest picture is kept. Bytes jump where the aim glides, and a pattern's
    median may move farther than the aim: each time a channel overshoots, its steps are halved.

    Parameters
    ----------
    paint : callable
        From (3,) linear light to be aimed at, as much as 1.25, to an (H, W, 3) uint8 picture.
    reference : (3,) float
        sRGB in [0, 1].
    wall : (H, W) bool
        The pixels whose median counts.
    first_aim : (3,) float, optional
        sRGB to begin with, from a rehearsal; the reference itself if not given.
    """
    target = np.rint(np.asarray(reference, np.float64) * 255)
    aim = target / 255 if first_aim is None else first_aim
    attempts: list[tuple[float, Locked]] = []
    step, last_miss = np.ones(3), np.zeros(3)
    while len(attempts) < _ATTEMPTS:
        picture = paint(srgb_to_linear(aim))
        median = wall_median(picture, wall)
        missed = float(delta_e_2000(srgb_to_lab(median / 255), srgb_to_lab(target / 255)))
        attempts.append((missed, Locked(picture, aim)))
        if missed == 0:
            break
        miss = target - median
        step = np.where(miss * last_miss < 0, step / 2, step)
        aim, last_miss = np.clip(aim + step * miss / 255, 0, _HIGHEST_AIM), miss
    return min(attempts, key=lambda attempt: attempt[0])[1]
