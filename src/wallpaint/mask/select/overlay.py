"""Picture for checking a mask: the wall in colour, everything else dimmed grey, the clicks on top."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from wallpaint.mask.select.click import Click

_DIMMED = 0.3
_OUTLINE = (255, 0, 200)  # a colour that few walls have
_KEEP, _DROP, _RIM = (0, 200, 60), (230, 30, 30), (255, 255, 255)


def overlay(pixels: np.ndarray, mask: np.ndarray, clicks: Iterable[Click] = ()) -> np.ndarray:
    """Draw a mask over its photo.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    mask : (H, W) float32
        [0, 1], 1 is wall.
    clicks : iterable of Click
        Drawn as green dots (`keep`) and red dots.

    Returns
    -------
    (H, W, 3) uint8
        The photo on the wall, its grey at 30 % elsewhere, and a line along the edge.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None]
    share = mask[..., None]
    shown = np.rint(pixels * share + grey * _DIMMED * (1 - share)).astype(np.uint8)
    thickness = max(1, round(max(mask.shape) / 500))
    outline, _ = cv2.findContours((mask > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(shown, outline, -1, _OUTLINE, thickness)
    for click in clicks:
        cv2.circle(shown, (click.column, click.row), 5 * thickness, _RIM, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(shown, (click.column, click.row), 4 * thickness, _KEEP if click.keep else _DROP, -1, cv2.LINE_AA)
    return shown
