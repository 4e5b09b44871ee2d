"""Indirect light outside the wall: ceiling, floor and furniture under new paint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import indirect_light_ratio
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.mask import Surroundings, WallRegion
from wallpaint.photo import LINEAR_OF_BYTE, bytes_to_linear, each_channel, linear_to_bytes

_LEVELS = 256  # of quantized f; f and the photo's byte together determine a pixel's new byte
_STEEPEST = 24  # gain at which the levels are equal steps of light; black paint to white has about this gain
_F_OF_LEVEL = np.expm1(np.arange(_LEVELS) / (_LEVELS - 1) * np.log1p(_STEEPEST)) / _STEEPEST
_STEPS = (1 << 16) - 1
_LEVEL_OF_STEP = np.rint(
    (_LEVELS - 1) * np.log1p(_STEEPEST * np.arange(_STEPS + 1) / _STEPS) / np.log1p(_STEEPEST)
).astype(np.uint8)
_RADIUS = 2  # cells to either side within which f is modelled as linear in the photo's lightness
_FLAT_VARIANCE = 0.04**2  # regularizer: lightness in [0, 1] that varies less than this does not explain changes of f
_EDGE_FACTOR = 1.2  # f next to the wall over f of the cells around; best on rooms 9180 to 9199
_MIN_WEIGHT = 1e-4


@dataclass(frozen=True)
class SurroundingsLight:
    """Share of indirect light in every pixel outside the wall, at the photo's size.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    prediction : InterreflectionPrediction
    f_and_byte : (H, W, 3) uint16
        256 times the photo's byte, plus the quantized f of the pixel; f is 0 where there is wall.
    mixed_f : (N, 3) float32
        f of the part of `region.mixed` that is not wall.
    """

    pixels: np.ndarray
    region: WallRegion
    prediction: InterreflectionPrediction
    f_and_byte: np.ndarray
    mixed_f: np.ndarray

    @cached_property
    def mean_q(self) -> np.ndarray:
        """(3,) float32: mean of q outside the wall, weighted by f.

        One number a channel: q varies little outside the wall, and maps of it gave no smaller error on rendered rooms.
        """
        weight = self.prediction.f * self.prediction.non_wall
        return (self.prediction.q * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), _MIN_WEIGHT)

    @classmethod
    def of_photo(
        cls, pixels: np.ndarray, region: WallRegion, prediction: InterreflectionPrediction
    ) -> SurroundingsLight:
        """Bring the predicted f to the photo's size.

        By a guided filter in its coarse-grid form (He & Sun, "Fast Guided Filter", 2015) that leaves cells of the wall
        out. f is smooth over a floor and jumps at an object in front of it, where the lightness usually jumps too.
        """
        shares = prediction.f * prediction.confidence
        small = cv2.cvtColor(linear_to_bytes(prediction.light), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        guide = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        no_wall = (region.alpha <= 0).astype(np.uint8)
        size = (pixels.shape[1], pixels.shape[0])
        mixed_places = region.mixed.rows, region.mixed.columns

        def at_full_size(channel: int) -> tuple[np.ndarray, np.ndarray]:
            slope, offset = _guided(small, shares[channel], prediction.non_wall)
            steps = cv2.multiply(guide, cv2.resize(slope, size), scale=_STEPS / 255, dtype=cv2.CV_32F)
            steps = cv2.add(steps, cv2.resize(_STEPS * offset, size), dtype=cv2.CV_16U)
            levels = cv2.multiply(cv2.LUT(steps, _LEVEL_OF_STEP), no_wall)
            byte = cv2.extractChannel(pixels, channel)
            mean = cv2.resize(_averaged(shares[channel], prediction.non_wall), size)[mixed_places]
            return cv2.addWeighted(byte, _LEVELS, levels, 1, 0, dtype=cv2.CV_16U), mean

        channels = each_channel(at_full_size)
        mixed_f = np.minimum(_EDGE_FACTOR * np.stack([mean for _, mean in channels], axis=-1), 1)
        return cls(pixels, region, prediction, cv2.merge([plane for plane, _ in channels]), mixed_f.astype(np.float32))

    def relit(self, wall_ratio: np.ndarray) -> Surroundings:
        """Everything outside the wall under new paint; `wall_ratio` is the wall median's new over old light, (3,)."""
        gain = indirect_light_ratio(self.mean_q, self.prediction.reflectance_ratio(wall_ratio)) - 1
        factors = 1 + gain[:, None] * _F_OF_LEVEL
        new_bytes = [linear_to_bytes(LINEAR_OF_BYTE[:, None] * factor).ravel() for factor in factors]
        picture = cv2.LUT(self.f_and_byte, np.stack(new_bytes, axis=-1)[None])

        mixed = self.region.mixed
        whole = bytes_to_linear(self.pixels[mixed.rows, mixed.columns])
        non_wall = np.maximum(whole - mixed.alpha[:, None] * mixed.removed, 0)
        return Surroundings(picture, non_wall * self.mixed_f * gain)


def _guided(guide: np.ndarray, values: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of the weighted linear fit of values to the guide around each cell; all (h, w) float32."""
    total = np.maximum(_summed(weight), _MIN_WEIGHT)
    mean_guide, mean_value = _summed(guide * weight) / total, _averaged(values, weight)
    variance = np.maximum(_summed(guide**2 * weight) / total - mean_guide**2, 0)
    covariance = _summed(guide * values * weight) / total - mean_guide * mean_value
    slope = covariance / (variance + _FLAT_VARIANCE)
    return _averaged(slope, weight), _averaged(mean_value - slope * mean_guide, weight)


def _averaged(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean around each cell."""
    return _summed(values * weight) / np.maximum(_summed(weight), _MIN_WEIGHT)


def _summed(values: np.ndarray) -> np.ndarray:
    size = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
    return cv2.boxFilter(values, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)
