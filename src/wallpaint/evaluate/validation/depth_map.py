"""Depth maps as false-colour images, for depth in any unit and range."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from wallpaint.errors import SettingError, warn_of

_OUTLIERS = 0.1  # percent of the values at each end
_MIDDLE = 127

_COLORMAPS = {
    name.removeprefix("COLORMAP_").lower(): getattr(cv2, name) for name in dir(cv2) if name.startswith("COLORMAP_")
}


def normalize_depth_map(depth: Any, colormap: str = "inferno") -> np.ndarray:
    """A false-colour image of a depth map: the lowest value gets the colormap's first colour, the highest its last.

    Parameters
    ----------
    depth : (H, W) numbers, optionally with additional axes of length 1
        Array or CPU tensor, in any unit and range. The lowest and the highest 0.1 % of the values are clipped as
        outliers. NaN and −inf are shown as the lowest value, inf as the highest.
    colormap : str
        Name of an OpenCV colormap: inferno, viridis, magma, turbo …

    Returns
    -------
    (H, W, 3) uint8
        sRGB.

    Raises
    ------
    SettingError
        The colormap does not exist, or `depth` is not a depth map.

    Warns
    -----
    WallpaintWarning
        All values are equal, or none is finite; the image has only the colormap's middle colour.
    """
    if colormap.lower() not in _COLORMAPS:
        raise SettingError(f"there is no colormap {colormap!r}. Choose one of {', '.join(sorted(_COLORMAPS))}.")
    shade = np.rint(255 * _in_unit_range(_plane(depth))).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(shade, _COLORMAPS[colormap.lower()]), cv2.COLOR_BGR2RGB)


def _plane(depth: Any) -> np.ndarray:
    values = np.asarray(depth)
    plane = values.squeeze() if values.ndim > 2 else values
    if plane.ndim != 2 or plane.size == 0 or plane.dtype.kind not in "fiub":
        raise SettingError(f"the depth map is {values.shape} {values.dtype}; (height, width) numbers are needed.")
    return plane.astype(np.float64)


def _in_unit_range(values: np.ndarray) -> np.ndarray:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        warn_of(None, "no value of the depth map is finite, so it is shown in one colour.")
        return np.full(values.shape, _MIDDLE / 255)
    low = np.percentile(finite, _OUTLIERS, method="lower")
    high = np.percentile(finite, 100 - _OUTLIERS, method="higher")
    if low == high:
        warn_of(None, "all values of the depth map are equal, so it is shown in one colour.")
        return np.full(values.shape, _MIDDLE / 255)
    clipped = np.clip(np.nan_to_num(values, nan=low), low, high)
    return np.asarray((clipped - low) / (high - low))
