"""Colour lock: repaint until the wall's median is exactly the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wallpaint.color import delta_e_2000, srgb_to_lab, srgb_to_linear
from wallpaint.reference import interpolated_median, wall_median

_MAX_ATTEMPTS = 8
_CENTRED = 0.15  # bytes: the median counts as centred in its byte within this distance
_MAX_AIM = 1.1  # sRGB; above white, because edge pixels pull the median of a narrow white wall below the aim


class Locked(NamedTuple):
    """Result of the colour lock.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB; the attempt whose median is closest to the reference.
    aim : (3,) float
        sRGB in [0, 1.1], the colour that was painted to get it.
    """

    picture: np.ndarray
    aim: np.ndarray


def centre_aim(paint: Callable[[np.ndarray], np.ndarray], reference: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Colour to paint so that the wall's median falls in the middle of the reference's byte.

    Used on a subsample of the wall: a median in the middle of its byte stays in that byte on the whole wall. Parameters
    as in `lock_color`.

    Returns
    -------
    (3,) float
        sRGB in [0, 1].
    """
    target = np.rint(np.asarray(reference, np.float64) * 255)
    aim, step, last_miss = target / 255, np.ones(3), np.zeros(3)
    for _ in range(_MAX_ATTEMPTS):
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
    initial_aim: np.ndarray | None = None,
) -> Locked:
    """Paint up to eight times, each time correcting the aim by the median's error; keep the closest picture.

    Edges and highlights move a wall's median away from the colour it is painted with, the aim. Each attempt adds the
    last error to the aim, in sRGB. A channel that overshoots has its step halved, because bytes change in jumps and a
    pattern's median may move farther than the aim.

    Parameters
    ----------
    paint : callable
        From the aim, (3,) linear light in [0, 1.25], to an (H, W, 3) uint8 picture.
    reference : (3,) float
        sRGB in [0, 1].
    wall : (H, W) bool
        Pixels over which the median is taken.
    initial_aim : (3,) float, optional
        sRGB of the first attempt, such as `centre_aim` of a subsample; the reference by default.
    """
    target = np.rint(np.asarray(reference, np.float64) * 255)
    aim = target / 255 if initial_aim is None else initial_aim
    attempts: list[tuple[float, Locked]] = []
    step, last_miss = np.ones(3), np.zeros(3)
    while len(attempts) < _MAX_ATTEMPTS:
        picture = paint(srgb_to_linear(aim))
        median = wall_median(picture, wall)
        error = float(delta_e_2000(srgb_to_lab(median / 255), srgb_to_lab(target / 255)))
        attempts.append((error, Locked(picture, aim)))
        if error == 0:
            break
        miss = target - median
        step = np.where(miss * last_miss < 0, step / 2, step)
        aim, last_miss = np.clip(aim + step * miss / 255, 0, _MAX_AIM), miss
    return min(attempts, key=lambda attempt: attempt[0])[1]
