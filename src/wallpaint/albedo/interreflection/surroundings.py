"""What new paint does to all that is no wall: ceiling, floor and furniture are lit by the wall too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import through_wall
from wallpaint.albedo.interreflection.grid_interpolation import CellPoints
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.mask import Surroundings, WallRegion
from wallpaint.photo import LINEAR_OF_BYTE, bytes_to_linear, each_channel, linear_to_bytes

_LEVELS = 256  # of the share of light that came by way of the wall: with its byte, all that a pixel's new byte asks for
_STEEPEST = 24  # gain for which levels are equal steps of light; the change from black paint to white
_SHARE_OF_LEVEL = np.expm1(np.arange(_LEVELS) / (_LEVELS - 1) * np.log1p(_STEEPEST)) / _STEEPEST
_STEPS = (1 << 16) - 1
_LEVEL_OF_STEP = np.rint(
    (_LEVELS - 1) * np.log1p(_STEEPEST * np.arange(_STEPS + 1) / _STEPS) / np.log1p(_STEEPEST)
).astype(np.uint8)
_REACH = 2  # cells over which f is taken as linear in the photo's lightness
_EVEN = 0.04**2  # variance of lightness, of a range of 1, below which that is no reason for f to vary
_CLOSER = 1.2  # f right at the wall over that of the cells around; best on rooms 9180 to 9199
_LEAST = 1e-4


@dataclass(frozen=True)
class LightBeside:
    """Light that reaches what is no wall by way of the wall.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    answer : InterreflectionPrediction
    codes : (H, W, 3) uint16
        The photo's byte, times 256, plus the level of the share of its light that came by way of the wall; level 0
        where there is wall.
    mixed_share : (N, 3) float32
        f of what is no wall in `region.mixed`.
    """

    pixels: np.ndarray
    region: WallRegion
    answer: InterreflectionPrediction
    codes: np.ndarray
    mixed_share: np.ndarray

    @cached_property
    def feedback(self) -> np.ndarray:
        """(3,) float32: q of all that is no wall, where f is large above all.

        One number a channel: beside the wall q varies little, and on rendered rooms maps of it were no better.
        """
        weight = self.answer.f * self.answer.others
        return (self.answer.q * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), _LEAST)

    @classmethod
    def of_photo(cls, pixels: np.ndarray, region: WallRegion, answer: InterreflectionPrediction) -> LightBeside:
        """Bring the answer up to the photo's size.

        By a guided filter in its coarse-grid form (He & Sun, "Fast Guided Filter", 2015), which counts no cell of the
        wall: f is smooth over a floor and jumps where a thing stands before it, and there the lightness mostly jumps.
        """
        shares = answer.f * answer.confidence
        small = cv2.cvtColor(linear_to_bytes(answer.light), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        guide = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        no_wall = (region.alpha <= 0).astype(np.uint8)
        size = (pixels.shape[1], pixels.shape[0])

        def codes(channel: int) -> np.ndarray:
            slope, offset = _guided(small, shares[channel], answer.others)
            steps = cv2.multiply(guide, cv2.resize(slope, size), scale=_STEPS / 255, dtype=cv2.CV_32F)
            steps = cv2.add(steps, cv2.resize(_STEPS * offset, size), dtype=cv2.CV_16U)
            levels = cv2.multiply(cv2.LUT(steps, _LEVEL_OF_STEP), no_wall)
            return cv2.addWeighted(cv2.extractChannel(pixels, channel), _LEVELS, levels, 1, 0, dtype=cv2.CV_16U)

        even = np.stack([_averaged(share, answer.others) for share in shares], axis=-1)
        points = CellPoints.at(region.mixed.rows, region.mixed.columns, region.alpha.shape, even.shape[:2])
        mixed_share = np.minimum(_CLOSER * points.of(even), 1).astype(np.float32)
        return cls(pixels, region, answer, cv2.merge(each_channel(codes)), mixed_share)

    def in_new_light(self, change: np.ndarray) -> Surroundings:
        """All that is no wall, for (3,) new over old light of the wall's middle."""
        gain = through_wall(self.feedback, self.answer.paint_change(change)) - 1
        factors = 1 + gain[:, None] * _SHARE_OF_LEVEL
        bytes_of_codes = [linear_to_bytes(LINEAR_OF_BYTE[:, None] * factor).ravel() for factor in factors]
        picture = cv2.LUT(self.codes, np.stack(bytes_of_codes, axis=-1)[None])

        mixed = self.region.mixed
        whole = bytes_to_linear(self.pixels[mixed.rows, mixed.columns])
        others = np.maximum(whole - mixed.alpha[:, None] * mixed.radiance, 0)
        return Surroundings(picture, others * self.mixed_share * gain)


def _guided(guide: np.ndarray, values: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of values against the guide around each cell, of weighted cells alone; all (h, w) float32."""
    covered = np.maximum(_summed(weight), _LEAST)
    mean_guide, mean_value = _summed(guide * weight) / covered, _averaged(values, weight)
    variance = np.maximum(_summed(guide**2 * weight) / covered - mean_guide**2, 0)
    covariance = _summed(guide * values * weight) / covered - mean_guide * mean_value
    slope = covariance / (variance + _EVEN)
    return _averaged(slope, weight), _averaged(mean_value - slope * mean_guide, weight)


def _averaged(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean around each cell."""
    return _summed(values * weight) / np.maximum(_summed(weight), _LEAST)


def _summed(values: np.ndarray) -> np.ndarray:
    size = (2 * _REACH + 1, 2 * _REACH + 1)
    return cv2.boxFilter(values, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)
