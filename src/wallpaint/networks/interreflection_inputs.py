"""Inputs of the interreflection network: twelve maps of a photo and its mask, the same for training and inference."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.color import linear_to_srgb

CHANNELS = 12  #: input maps
SHARE, DISTANCE = 6, 11  #: indices of two input maps: share of wall, and distance to the wall
OUTPUTS = 7  #: output maps: f and q for three channels each, and the expected error
GROUPS = 8  #: groups of its group normalization
FOLD = 2  #: side of the pixel blocks that the first layer folds into channels
MULTIPLE = 16  #: height and width of the input are multiples of this
SIDE = 128  #: pixels of the input's longer side
_FAINTEST = 1e-4  # linear light below which an 8-bit photo holds no information
_REACH = 0.25  # of the longer side: the distance to the wall saturates here


def network_input(light: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The network's input maps for a small picture of a room.

    Parameters
    ----------
    light : (h, w, 3) float
        Linear light, 1 = white of the display.
    share : (h, w) float
        Share of wall in each pixel, [0, 1]; above 0 in at least one.

    Returns
    -------
    (12, h, w) float32
        In order: sRGB in [-1, 1] (3 maps); half of ln(light / the wall's median) (3); share of wall; sRGB of the
        wall's median in [-1, 1] (3); vertical position, -1 at the top and 1 at the bottom; distance to the wall, 1 at a
        quarter of the longer side and beyond.
    """
    height, width = share.shape
    light = np.clip(light, _FAINTEST, 1).astype(np.float32)
    middle = median_wall_light(light, share)
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


def median_wall_light(light: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(3,) float32: median linear light of the pixels with more than half wall.

    Where no pixel has that much, of those with more than 0.9 times the largest share.
    """
    wall = share > min(0.5, 0.9 * float(share.max()))
    return np.maximum(np.median(light[wall], axis=0), _FAINTEST).astype(np.float32)
