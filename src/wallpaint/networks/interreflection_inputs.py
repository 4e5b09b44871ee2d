"""What the network is shown of a room: twelve maps, worked out alike for training and for use."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.color import linear_to_srgb

CHANNELS = 12  #: maps the network is shown
SHARE, DISTANCE = 6, 11  #: which of them are the share of wall and the distance to it
OUTPUTS = 7  #: maps it gives: f and q of three channels, and how far it errs
GROUPS = 8  #: of its group normalization
FOLD = 2  #: pixels a side that the network takes for one
MULTIPLE = 16  #: of which both sides of what it is shown are
SIDE = 128  #: pixels of the longer side
_FAINTEST = 1e-4  # linear light below which a photo tells nothing
_REACH = 0.25  # of the longer side: how far from the wall distance counts


def network_input(light: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A small picture of a room as the network sees it.

    Parameters
    ----------
    light : (h, w, 3) float
        Linear light, 1 = white on a screen.
    share : (h, w) float
        Of each pixel that is wall, [0, 1]; somewhere above 0.

    Returns
    -------
    (12, h, w) float32
        sRGB in [-1, 1]; ln of light relative to the wall's median, halved; share of wall; sRGB of that median; height
        in the picture, -1 at the top; distance to the wall, 1 at a quarter of the picture's longer side and beyond.
    """
    height, width = share.shape
    light = np.clip(light, _FAINTEST, 1).astype(np.float32)
    middle = wall_light(light, share)
    relative = np.clip(np.log(light / middle), -4, 4) / 2
    not_wall = (share < 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(not_wall, cv2.DIST_L2, 3) if not_wall.any() else np.zeros(share.shape, np.float32)
    maps = np.empty((CHANNELS, height, width), np.float32)
    maps[:3] = np.moveaxis(linear_to_srgb(light) * 2 - 1, -1, 0)
    maps[3:6] = np.moveaxis(relative, -1, 0)
    maps[SHARE] = share
    maps[7:10] = (linear_to_srgb(middle) * 2 - 1)[:, None, None]
    maps[10] = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    maps[DISTANCE] = np.minimum(distance / (_REACH * max(height, width)), 1)
    return maps


def wall_light(light: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(3,) float32 median linear light of what is mostly wall; of what is most so, where nothing is mostly."""
    wall = share > min(0.5, 0.9 * float(share.max()))
    return np.maximum(np.median(light[wall], axis=0), _FAINTEST).astype(np.float32)
