"""Inputs of the edge network: a patch of a photo and the mask there; the same for training and inference.

The network sees patches in which the mask is wrong by up to about `REACH` pixels. Wider errors are refined in a reduced
photo first, whose result is the mask of the next larger one.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy.special import ndtri

PATCH = 48  #: side of a patch in pixels
CONTEXT = 8  #: pixels at a patch's border of which nothing is used, because the network sees too little around them
CHANNELS = 12  #: planes of the input, see `edge_inputs`
REACH = 4  #: pixels on either side of the mask's edge that are unknown
_SURE = 3.5  # pixels from the mask's edge; colours of the two sides are taken beyond
_SURE_ALPHA = 0.1  # share of the other side up to which a pixel of a soft mask is sure
_SIGMA = 3.0  # pixels; of the Gaussian that turns a mask into distances
_LEAST = 0.002  # ndtri of it is -2.9, so distances reach 8.6 pixels
_CELL = 4  # pixels; local colours are computed on this coarser grid
_AROUND = 1.5  # cells; standard deviation of the Gaussian over which they are averaged
_FAINT = 1e-6  # squared difference of light below which two sides have no contrast
_ALIKE, _APART = 3.0, 8.0  # bytes, largest channel: two sides without contrast up to, with full contrast from
_STRAIGHT = 1.0  # pixels; least standard deviation that straightens an outline


class EdgeInputs(NamedTuple):
    """What is computed from one patch.

    Attributes
    ----------
    planes : (12, h, w) float32
        Input of the network: sRGB − 0.5; sRGB minus that of the wall nearby, times 2; sRGB minus that of the rest
        nearby, times 2; place between the two, in squared values as nearly
        linear light, − 0.5; distance to the mask's edge over 8 pixels,
        positive inside; mask − 0.5.
    contrast : (h, w) float32
        0 where wall and rest nearby have the same colour (within 3 bytes), 1 from 8 bytes on.
    """

    planes: np.ndarray
    contrast: np.ndarray


def signed_distance(mask: np.ndarray, sigma: float = _SIGMA) -> np.ndarray:
    """Distance to a mask's outline smoothed by a Gaussian, from that Gaussian alone.

    Parameters
    ----------
    mask : (h, w) float32
        In [0, 1], hard or soft.
    sigma : float
        Standard deviation in pixels.

    Returns
    -------
    (h, w) float32
        Pixels, positive inside; exact for straight outlines, limited to 2.9 `sigma`.
    """
    side = 2 * int(np.ceil(3 * sigma)) + 1
    blurred = cv2.GaussianBlur(mask, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    distance: np.ndarray = sigma * ndtri(np.clip(blurred, _LEAST, 1 - _LEAST))
    return distance


def straightened(mask: np.ndarray, sigma: float = _STRAIGHT) -> np.ndarray:
    """The mask with a smooth, anti-aliased outline: stair-steps up to about `sigma` pixels are gone.

    Parameters
    ----------
    mask : (h, w) float32
        In [0, 1], hard or soft.
    sigma : float
        Pixels. A straight outline stays where it is; corners are rounded by about this much.

    Returns
    -------
    (h, w) float32
        In [0, 1].
    """
    return np.clip(signed_distance(mask, sigma) + 0.5, 0, 1).astype(np.float32)


def edge_inputs(pixels: np.ndarray, mask: np.ndarray) -> EdgeInputs:
    """Compute the network's input.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
        sRGB.
    mask : (h, w) float32
        In [0, 1]: the mask, or alpha from a coarser pass.
    """
    color = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32) / 255
    distance = signed_distance(mask)
    wall = _mean_nearby(color, (distance > _SURE) & (mask > 1 - _SURE_ALPHA))
    rest = _mean_nearby(color, (distance < -_SURE) & (mask < _SURE_ALPHA))
    linear_rest = rest * rest
    across = wall * wall - linear_rest
    place = ((color * color - linear_rest) * across).sum(0) / ((across * across).sum(0) + _FAINT)
    planes = np.empty((CHANNELS, *mask.shape), np.float32)
    np.subtract(color, 0.5, out=planes[0:3])
    np.multiply(color - wall, 2, out=planes[3:6])
    np.multiply(color - rest, 2, out=planes[6:9])
    planes[9] = np.clip(place, -0.5, 1.5) - 0.5
    planes[10] = np.clip(distance / 8, -1, 1)
    planes[11] = mask - 0.5
    return EdgeInputs(planes, contrast_of(np.abs(wall - rest).max(0) * 255))


def contrast_of(apart: np.ndarray) -> np.ndarray:
    """Weight of the photo against the mask, [0, 1], from the difference of the two sides in bytes (largest channel)."""
    t = np.clip((apart - _ALIKE) / (_APART - _ALIKE), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def _mean_nearby(color: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(3, h, w) float32 mean of the marked pixels around each pixel; of the whole patch where none is near.

    Without any marked pixel, the patch's own colours blurred.
    """
    height, width = where.shape
    size = (max(1, width // _CELL), max(1, height // _CELL))
    weight = where.astype(np.float32) if where.any() else np.ones(where.shape, np.float32)
    marked = cv2.merge([*(color * weight), weight])
    cells = cv2.resize(marked, size, interpolation=cv2.INTER_AREA)
    total = cells.sum((0, 1))
    cells = cv2.GaussianBlur(cells, (9, 9), _AROUND, borderType=cv2.BORDER_REPLICATE)
    cells += 1e-3 * total / total[3]
    mixed: np.ndarray = (cells[..., :3] / cells[..., 3:]).astype(np.float32)
    means = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(means.transpose(2, 0, 1))
