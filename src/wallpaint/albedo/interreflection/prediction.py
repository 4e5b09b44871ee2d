"""What the network says of a room: how much of each pixel's light comes off the painted wall, and how it feeds back.

`formula` says what the two numbers mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import paint_change, read_outputs
from wallpaint.networks.forward_pass import run_network
from wallpaint.networks.interreflection_inputs import MULTIPLE, SIDE, network_input, wall_light
from wallpaint.networks.weights import shipped_weights
from wallpaint.photo import bytes_to_linear

_TRUSTED, _UNTRUSTED = 0.65, 0.9  # relative errors up to which it is believed, and from which it is not
_NO_WALL = 0.01  # share of wall up to which a pixel counts as none
_FIRST_SIDE = 4 * SIDE  # a photo is brought to this by its bytes, which is quick, and from there by its light


@dataclass(frozen=True)
class InterreflectionPrediction:
    """The network's answer on a small grid laid over the whole photo.

    Attributes
    ----------
    f, q : (3, h, w) float32
        In (0, 1); f without regard to the wall, which is where `others` is 0.
    error : (h, w) float32
        How large a share of the change the network expects to get wrong, > 0.
    others : (h, w) float32
        Share of each cell that is no wall at all, [0, 1].
    wall : (h, w) float32
        Share that is wall, [0, 1].
    light : (h, w, 3) float32
        The photo itself, linear.
    """

    f: np.ndarray
    q: np.ndarray
    error: np.ndarray
    others: np.ndarray
    wall: np.ndarray
    light: np.ndarray

    @property
    def confidence(self) -> np.ndarray:
        """(h, w) float32 in [0, 1]: 1 where it is believed, 0 where the albedo engine is better left alone."""
        t = np.clip((_UNTRUSTED - self.error) / (_UNTRUSTED - _TRUSTED), 0, 1)
        return (t * t * (3 - 2 * t)).astype(np.float32)

    @property
    def believed(self) -> float:
        """[0, 1]: the mean confidence where there is no wall; 0 where all is wall."""
        return float((self.confidence * self.others).sum() / max(float(self.others.sum()), 1e-6))

    @property
    def wall_feedback(self) -> np.ndarray:
        """(3,) float32: q̄, the wall's mean."""
        return (self.q * self.wall).sum((1, 2)) / max(float(self.wall.sum()), 1e-6)

    def paint_change(self, change: np.ndarray) -> np.ndarray:
        """(3,) g of paint that changes the wall's middle by R, (3,)."""
        return paint_change(change, self.wall_feedback)


def answer_of(
    pixels: np.ndarray, alpha: np.ndarray, weights: Mapping[str, np.ndarray] | None = None
) -> InterreflectionPrediction:
    """Ask the network about a photo.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    alpha : (H, W) float32
        Share of wall in each pixel; somewhere above 0.
    weights : mapping, optional
        Others than those that come with wallpaint.

    Raises
    ------
    WeightsError
        The weights that come with wallpaint are damaged.
    """
    size = grid_size(alpha.shape[0], alpha.shape[1])
    light = _small_light(pixels, size)
    wall = _small(alpha, size)
    others = _small((alpha < _NO_WALL).astype(np.float32), size)
    outputs = run_network(shipped_weights() if weights is None else weights, network_input(light, wall))
    return InterreflectionPrediction(*read_outputs(outputs, wall_light(light, wall)), others, wall, light)


def grid_size(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the grid: `SIDE` along the longer side, both multiples of `MULTIPLE`.

    >>> grid_size(3000, 4000)
    (96, 128)
    """
    longest = max(height, width)
    rows, columns = (max(1, round(SIDE * side / longest / MULTIPLE)) * MULTIPLE for side in (height, width))
    return rows, columns


def _small_light(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = pixels.shape[:2]
    shrink = _FIRST_SIDE / max(height, width)
    if shrink < 1:
        fewer = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        pixels = cv2.resize(pixels, fewer, interpolation=cv2.INTER_AREA)
    return _small(bytes_to_linear(pixels), size)


def _small(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    larger = size[0] > values.shape[0] or size[1] > values.shape[1]
    how = cv2.INTER_LINEAR if larger else cv2.INTER_AREA
    return cv2.resize(np.ascontiguousarray(values, np.float32), size[::-1], interpolation=how)
