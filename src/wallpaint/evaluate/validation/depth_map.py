"""Depth as a picture: whatever its unit and range, near and far are told apart."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from wallpaint.errors import SettingError, warn_of

_OUTLIERS = 0.1  # percent at either end
_MIDDLE = 127

_COLORMAPS = {
    name.removeprefix("COLORMAP_").lower(): getattr(cv2, name) for name in dir(cv2) if name.startswith("COLORMAP_")
}


def normalize_depth_map(depth: Any, colormap: str = "inferno") -> np.ndarray:
    """A depth map in false colours, from the colormap's first colour at the least value to its last at the greatest.

    Parameters
    ----------
    depth : (H, W) numbers, or with one axis of length 1 more
        Array or CPU tensor, of any unit and range. The thousandth at either end counts as outliers; nan and −inf are
        shown as the least value, inf as the greatest.
    colormap : str
        A colormap of OpenCV: inferno, viridis, magma, turbo …

    Returns
    -------
    (H, W, 3) uint8
        sRGB.

    Raises
    ------
    SettingError
        No such colormap; no depth map.

    Warns
    -----
    WallpaintWarning
        Everything is equally far, or no value is finite: the picture is the colormap's middle colour.
    """
    if colormap.lower() not in _COLORMAPS:
        raise SettingError(f"there is no colormap {colormap!r}: choose one of {', '.join(sorted(_COLORMAPS))}.")
    shade = np.rint(255 * _in_unit_range(_plane(depth))).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(shade, _COLORMAPS[colormap.lower()]), cv2.COLOR_BGR2RGB)


def _plane(depth: Any) -> np.ndarray:
    values = np.asarray(depth)
    plane = values.squeeze() if values.ndim > 2 else values
    if plane.ndim != 2 or plane.size == 0 or plane.dtype.kind not in "fiub":
        raise SettingError(f"a depth map is (height, width) numbers; this is {values.shape} {values.dtype}.")
    return plane.astype(np.float64)


def _in_unit_range(values: np.ndarray) -> np.ndarray:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        warn_of(None, "none of the depth map's values is finite, so it is shown in one colour.")
        return np.full(values.shape, _MIDDLE / 255)
    low = np.percentile(finite, _OUTLIERS, method="lower")
    high = np.percentile(finite, 100 - _OUTLIERS, method="higher")
    if low == high:
        warn_of(None, "everything in the depth map is equally far, so it is shown in one colour.")
        return np.full(values.shape, _MIDDLE / 255)
    clipped = np.clip(np.nan_to_num(values, nan=low), low, high)
    return np.asarray((clipped - low) / (high - low))
