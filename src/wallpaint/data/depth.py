"""Depth as image models know it: along the camera's axis, relative, near is 1."""

from __future__ import annotations

import numpy as np


def along_axis(distance: np.ndarray, field_of_view: float) -> np.ndarray:
    """Distances along the rays of a pinhole camera → distances along its axis, (S, S) float32.

    At 70° the two differ by 22 % in the middle of a side and by 41 % in a corner: a wall faced squarely would bulge.

    distance : (S, S) float, any unit; field_of_view : degrees across the picture, whose middle the axis goes through.
    """
    side = distance.shape[0]
    ticks = ((np.arange(side) + 0.5) / side * 2 - 1) * np.tan(np.radians(field_of_view) / 2)
    return (distance / np.sqrt(1 + ticks[None] ** 2 + ticks[:, None] ** 2)).astype(np.float32)


def relative_disparity(distance: np.ndarray) -> np.ndarray:
    """Distances → what a depth estimator would say of the same picture.

    Parameters
    ----------
    distance : (H, W) float
        Metres along the axis, or any unit; inf, nan and ≤ 0 stand for infinitely far.

    Returns
    -------
    (H, W) float32
        1/distance, brought to [0, 1] by its least and greatest value: 1 is the nearest point of the picture, 0 the
        farthest. 0.5 everywhere if all is equally far.

    Notes
    -----
    Disparity rather than distance, and near rather than far as 1, because MiDaS (Ranftl et al. 2022) and its heirs
    estimate this, up to scale and shift, and the depth ControlNets of SD 1.5 were trained on their maps.
    """
    known = np.isfinite(distance) & (distance > 0)
    disparity = np.divide(1, distance, out=np.zeros(distance.shape, np.float32), where=known, casting="unsafe")
    return stretched(disparity)


def stretched(values: np.ndarray) -> np.ndarray:
    """(H, W) float32: `values` with their least at 0 and their greatest at 1; 0.5 if they are all the same.

    Disparity is only known up to scale and shift, so a crop of a stretched map, stretched again, is that of the crop.
    """
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6 * max(abs(high), abs(low), 1e-30):
        return np.full(values.shape, 0.5, np.float32)
    return ((values - low) / (high - low)).astype(np.float32)
