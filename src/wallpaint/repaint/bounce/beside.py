"""What new paint does to all that is no wall: ceiling, floor and furniture are lit by the wall too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.photo import LINEAR_OF_BYTE, WallRegion, bytes_to_linear, each_channel, linear_to_bytes
from wallpaint.repaint.bounce.answer import RoomAnswer
from wallpaint.repaint.bounce.cells import bilinear
from wallpaint.repaint.bounce.formula import through_wall

_STEPS = (1 << 16) - 1
_STEPS_OF_BYTE = np.rint(_STEPS * LINEAR_OF_BYTE).astype(np.uint16)
_BYTE_OF_STEP = linear_to_bytes(np.arange(_STEPS + 1) / _STEPS)
_REACH = 2  # cells over which f is taken as linear in the photo's lightness
_EVEN = 0.04**2  # variance of lightness, of a range of 1, below which that is no reason for f to vary
_LEAST = 1e-4


@dataclass(frozen=True)
class LightBeside:
    """Light that reaches what is no wall by way of the wall.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    answer : RoomAnswer
    by_wall : 3 × (H, W) uint16
        Linear light that came by way of the wall, in 65,535ths; 0 where there is wall.
    mixed_share : (N, 3) float32
        f of what is no wall in `region.mixed`.
    """

    pixels: np.ndarray
    region: WallRegion
    answer: RoomAnswer
    by_wall: tuple[np.ndarray, np.ndarray, np.ndarray]
    mixed_share: np.ndarray

    @cached_property
    def feedback(self) -> np.ndarray:
        """(3,) float32: q of all that is no wall, where f is large above all.

        One number a channel: beside the wall q varies little, and on rendered rooms maps of it were no better.
        """
        weight = self.answer.f * self.answer.others
        return (self.answer.q * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), _LEAST)

    @classmethod
    def of_photo(cls, pixels: np.ndarray, region: WallRegion, answer: RoomAnswer) -> LightBeside:
        """Bring the answer up to the photo's size.

        By a guided filter in its coarse-grid form (He & Sun, "Fast Guided Filter", 2015), which counts no cell of the
        wall: f is smooth over a floor and jumps where a thing stands before it, and there the lightness mostly jumps.
        """
        shares = answer.f * answer.confidence
        small = cv2.cvtColor(linear_to_bytes(answer.light), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        guide = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        no_wall = (region.alpha <= 0).astype(np.uint8)
        size = (pixels.shape[1], pixels.shape[0])

        def by_wall(channel: int) -> np.ndarray:
            slope, offset = _guided(small, shares[channel], answer.others)
            share = cv2.multiply(guide, cv2.resize(slope, size), scale=1 / 255, dtype=cv2.CV_32F)
            cv2.add(share, cv2.resize(offset, size), dst=share)
            np.clip(share, 0, 1, out=share)
            light = cv2.LUT(cv2.extractChannel(pixels, channel), _STEPS_OF_BYTE)
            came = np.zeros(light.shape, np.uint16)
            cv2.copyTo(cv2.multiply(light, share, dtype=cv2.CV_16U), no_wall, came)
            return came

        even = np.stack([_averaged(share, answer.others) for share in shares], axis=-1)
        mixed_share = bilinear(even, region.mixed.rows, region.mixed.columns, region.alpha.shape).astype(np.float32)
        return cls(pixels, region, answer, each_channel(by_wall), mixed_share)

    def of_mixed(self, change: np.ndarray) -> np.ndarray:
        """(N, 3) light to be added in `region.mixed`, for what is no wall there; (3,) change of the wall's middle."""
        mixed = self.region.mixed
        whole = bytes_to_linear(self.pixels[mixed.rows, mixed.columns])
        others = np.maximum(whole - mixed.alpha[:, None] * mixed.radiance, 0)
        return others * self.mixed_share * (through_wall(self.feedback, self.answer.paint_change(change)) - 1)

    def paint(self, picture: np.ndarray, change: np.ndarray) -> np.ndarray:
        """A painted picture with new light on all that is no wall.

        picture : (H, W, 3) uint8 sRGB, the photo's outside the wall; change : (3,), new over old light of the wall's
        middle. Returns a new (H, W, 3) uint8; wall and mixed pixels as they were.
        """
        gain = through_wall(self.feedback, self.answer.paint_change(change)) - 1

        def lit(channel: int) -> np.ndarray:
            light = cv2.LUT(cv2.extractChannel(picture, channel), _STEPS_OF_BYTE)
            light = cv2.addWeighted(light, 1.0, self.by_wall[channel], float(gain[channel]), 0.0)
            return cv2.LUT(light, _BYTE_OF_STEP)

        return cv2.merge(each_channel(lit))


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
