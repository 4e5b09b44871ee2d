"""Baselines: common recipes for repainting walls, each written from its formula.

All take a photo (H, W, 3) uint8, a mask (H, W) float in [0, 1] and a `Color`, and return (H, W, 3) uint8. They blend
with the mask as their users do: in sRGB bytes; the two linear-light recipes blend in linear light.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from wallpaint.color import Color, lab_to_srgb, luminance, srgb_to_lab, srgb_to_linear
from wallpaint.mask import is_wall
from wallpaint.photo import linear_to_bytes
from wallpaint.reference import wall_median

Method = Callable[[np.ndarray, np.ndarray, Color], np.ndarray]


def flat_fill(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The colour itself, without light or shadow."""
    return _blended(source, np.broadcast_to(np.array(color.rgb8, np.uint8), source.shape), mask)


def hsv_swap(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """Hue and saturation of the reference, value of the photo."""
    hsv = cv2.cvtColor(source, cv2.COLOR_RGB2HSV)
    hsv[..., :2] = cv2.cvtColor(np.array([[color.rgb8]], np.uint8), cv2.COLOR_RGB2HSV)[0, 0, :2]
    return _blended(source, cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), mask)


def lab_swap(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """a* and b* of the reference, L* of the photo, in OpenCV's 8-bit Lab as such tools use it."""
    return _blended(source, _with_lab(source, color, lambda lightness, _: lightness), mask)


def lab_swap_and_multiply(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """0.7 of the Lab swap and 0.3 of photo × colour / 255: the recipe of a published visualiser."""
    swapped = _with_lab(source, color, lambda lightness, _: lightness)
    multiplied = source * np.array(color.rgb8) / 255
    return _blended(source, 0.7 * swapped + 0.3 * multiplied, mask)


def lightness_shift(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """a* and b* of the reference, its L* plus 0.7 of the photo's variation, in 8-bit Lab."""
    wall = is_wall(mask)

    def shifted(lightness: np.ndarray, wanted: float) -> np.ndarray:
        return np.clip(wanted + 0.7 * (lightness - lightness[wall].mean()), 0, 255)

    return _blended(source, _with_lab(source, color, shifted), mask)


def mean_shift(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The photo in CIELAB, moved by the difference of means: statistical colour transfer for one region."""
    lab = srgb_to_lab(source / 255.0)
    moved = lab + color.lab - lab[is_wall(mask)].mean(axis=0)
    return _blended(source, 255 * np.clip(lab_to_srgb(moved), 0, 1), mask)


def linear_gain(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """One factor for each channel, in linear light, that brings the wall's median to the reference."""
    light = srgb_to_linear(source / 255.0)
    median = srgb_to_linear(wall_median(source, is_wall(mask)) / 255)
    return _blended_light(light, light * color.linear / np.maximum(median, 1e-4), mask)


def luminance_shading(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The colour times the photo's luminance over its median, in linear light."""
    light = srgb_to_linear(source / 255.0)
    shading = luminance(light)
    shading = shading / max(float(np.median(shading[is_wall(mask)])), 1e-4)
    return _blended_light(light, shading[..., None] * color.linear, mask)


BASELINES: Mapping[str, Method] = {
    "flat fill": flat_fill,
    "HSV swap (keep V)": hsv_swap,
    "Lab swap (keep L)": lab_swap,
    "0.7 Lab swap + 0.3 multiply": lab_swap_and_multiply,
    "target L + 0.7 × L variation": lightness_shift,
    "mean shift in Lab": mean_shift,
    "linear gain per channel": linear_gain,
    "luminance shading × colour": luminance_shading,
}


def _with_lab(source: np.ndarray, color: Color, lightness: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
    lab = cv2.cvtColor(source, cv2.COLOR_RGB2Lab)
    wanted = cv2.cvtColor(np.array([[color.rgb8]], np.uint8), cv2.COLOR_RGB2Lab)[0, 0]
    lab[..., 0] = np.rint(lightness(lab[..., 0].astype(np.float64), float(wanted[0])))
    lab[..., 1:] = wanted[1:]
    return cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)


def _blended(source: np.ndarray, painted: np.ndarray, mask: np.ndarray) -> np.ndarray:
    share = mask[..., None].astype(np.float64)
    return np.rint(source * (1 - share) + painted * share).clip(0, 255).astype(np.uint8)


def _blended_light(light: np.ndarray, painted: np.ndarray, mask: np.ndarray) -> np.ndarray:
    share = mask[..., None]
    return linear_to_bytes(light * (1 - share) + painted * share)
