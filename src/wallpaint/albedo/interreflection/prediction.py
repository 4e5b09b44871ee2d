"""Interreflection of one photo, predicted by the small network: f, q, and how reliable they are.

`formula` defines f and q.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import decode_outputs, reflectance_ratio
from wallpaint.networks.forward_pass import run_network
from wallpaint.networks.interreflection_inputs import MULTIPLE, SIDE, median_wall_light, network_input
from wallpaint.networks.weights import shipped_weights
from wallpaint.photo import bytes_to_linear

_FULL_CONFIDENCE, _NO_CONFIDENCE = 0.65, 0.9  # expected relative errors at which confidence is 1, and 0
_NO_WALL = 0.01  # share of wall below which a pixel counts as not wall
_FIRST_SIDE = 4 * SIDE  # a photo is shrunk to this as bytes, which is fast, and from there as linear light


@dataclass(frozen=True)
class InterreflectionPrediction:
    """The network's prediction, on a coarse grid over the whole photo.

    Attributes
    ----------
    f, q : (3, h, w) float32
        In (0, 1), see `formula`. f is meaningless where `non_wall` is 0.
    error : (h, w) float32
        Expected error of the prediction, as a share of the change of light, > 0.
    non_wall : (h, w) float32
        Share of each cell covered by pixels without any wall, [0, 1].
    wall : (h, w) float32
        Share of each cell covered by wall, [0, 1].
    light : (h, w, 3) float32
        The photo in linear light.
    """

    f: np.ndarray
    q: np.ndarray
    error: np.ndarray
    non_wall: np.ndarray
    wall: np.ndarray
    light: np.ndarray

    @property
    def confidence(self) -> np.ndarray:
        """(h, w) float32 in [0, 1]: 1 where the expected error is at most 0.65, 0 where it is at least 0.9."""
        t = np.clip((_NO_CONFIDENCE - self.error) / (_NO_CONFIDENCE - _FULL_CONFIDENCE), 0, 1)
        return (t * t * (3 - 2 * t)).astype(np.float32)

    @property
    def mean_confidence(self) -> float:
        """Mean confidence outside the wall, [0, 1]; 0 where the wall fills the photo."""
        return float((self.confidence * self.non_wall).sum() / max(float(self.non_wall.sum()), 1e-6))

    @property
    def mean_wall_q(self) -> np.ndarray:
        """(3,) float32: mean of q over the wall, q̄."""
        return (self.q * self.wall).sum((1, 2)) / max(float(self.wall.sum()), 1e-6)

    def reflectance_ratio(self, wall_ratio: np.ndarray) -> np.ndarray:
        """(3,) g of the paint that multiplies the light of the wall's median by `wall_ratio`, (3,)."""
        return reflectance_ratio(wall_ratio, self.mean_wall_q)


def predict_interreflection(
    pixels: np.ndarray, alpha: np.ndarray, weights: Mapping[str, np.ndarray] | None = None
) -> InterreflectionPrediction:
    """Run the interreflection network on a photo.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    alpha : (H, W) float32
        Share of wall in each pixel, [0, 1]; above 0 in at least one.
    weights : mapping of str to array, optional
        The weights that come with wallpaint by default.

    Raises
    ------
    WeightsError
        The weights that come with wallpaint are damaged.
    """
    size = grid_size(alpha.shape[0], alpha.shape[1])
    light = _small_light(pixels, size)
    wall = _resized(alpha, size)
    non_wall = _resized((alpha < _NO_WALL).astype(np.float32), size)
    outputs = run_network(shipped_weights() if weights is None else weights, network_input(light, wall))
    return InterreflectionPrediction(*decode_outputs(outputs, median_wall_light(light, wall)), non_wall, wall, light)


def grid_size(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the grid for a photo: `SIDE` on the longer side, both multiples of `MULTIPLE`.

    >>> grid_size(3000, 4000)
    (96, 128)
    """
    longest = max(height, width)
    rows, columns = (max(1, round(SIDE * side / longest / MULTIPLE)) * MULTIPLE for side in (height, width))
    return rows, columns


def _small_light(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(rows, columns, 3) float32 linear light of a photo."""
    height, width = pixels.shape[:2]
    shrink = _FIRST_SIDE / max(height, width)
    if shrink < 1:
        smaller = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        pixels = cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA)
    return _resized(bytes_to_linear(pixels), size)


def _resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    enlarges = size[0] > values.shape[0] or size[1] > values.shape[1]
    interpolation = cv2.INTER_LINEAR if enlarges else cv2.INTER_AREA
    return cv2.resize(np.ascontiguousarray(values, np.float32), size[::-1], interpolation=interpolation)
