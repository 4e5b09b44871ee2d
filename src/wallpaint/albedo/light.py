"""Light on a wall, estimated from a photo once for all colours: its shading, its colour, its noise.

A painted wall shows I = ρE: its paint's reflectance ρ times the light E that falls on it, in each channel. ρ is one
number a channel, so E is known from the wall's pixels up to that number, and another paint is a multiplication.
`painting` does it; nothing here depends on the new colour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.albedo.highlights import find_highlights
from wallpaint.albedo.interreflection.correction import InterreflectionCorrection
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.albedo.log_light import (
    LOG_LIGHT_COUNT,
    LOG_LIGHT_OF_ONE,
    STEPS_PER_NEPER,
    encode_log_factor,
    encode_log_light,
    quantile_log_light,
)
from wallpaint.albedo.noise import noise_level, smoothing_shift
from wallpaint.albedo.tone_response import ClosedFormInterreflection
from wallpaint.color import luminance, srgb_to_linear
from wallpaint.color.spaces import LUMINANCE_WEIGHTS
from wallpaint.mask import MixedPixels, WallRegion, cell_means, mean_around
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel
from wallpaint.reference import wall_median

_LUMINANCE_SHARES = np.rint(65535 * LUMINANCE_WEIGHTS[:, None] * LINEAR_OF_BYTE).astype(np.uint16)  # (3, 256)
_LUMINANCE_OF_STEP = np.maximum(np.arange(65536) / 65535, FAINTEST)
_MAX_TINT = 0.2  # nepers; a larger difference in colour is rarely a lamp's, but that of an object inside the mask
_CHROMA_CELLS = 128  # cells along the longer side of the grid on which the light's colour is measured
_CHROMA_RADIUS = 2.0  # cells, 1.6 % of the longer side: larger than noise, smaller than the shadows of furniture


@dataclass(frozen=True)
class WallLight:
    """Light on a photo's wall, over `region.window` of (h, w) pixels.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    wall_color : (3,) float64
        Linear light of the wall's median, channel by channel.
    log_light : 3 × (h, w) uint16
        Light relative to `wall_color`, channel by channel: the shading in luminance plus the slowly varying colour of
        the light. The scale is that of `wallpaint.albedo.log_light`.
    mixed : MixedPixels
        `region.mixed` and the wall's highlights.
    mixed_log_light : (N, 3) uint16
        Log light of the unmixed wall in the pixels of `mixed`.
    interreflection : ClosedFormInterreflection
        Share of light that returns to the wall, estimated from the shading.
    compute_smoothing : callable
        Computes `smoothing`; called at most once, for paint that amplifies noise.
    correction : InterreflectionCorrection or None
        Correction of `interreflection` predicted by the network; None without the network or at zero confidence.
    """

    pixels: np.ndarray
    region: WallRegion
    wall_color: np.ndarray
    log_light: tuple[np.ndarray, np.ndarray, np.ndarray]
    mixed: MixedPixels
    mixed_log_light: np.ndarray
    interreflection: ClosedFormInterreflection
    compute_smoothing: Callable[[], np.ndarray]
    correction: InterreflectionCorrection | None = None

    @cached_property
    def smoothing(self) -> np.ndarray:
        """(h, w) int16: amount to add to log light to remove noise and keep shading."""
        return self.compute_smoothing()

    @cached_property
    def median_log_light(self) -> tuple[int, int, int]:
        """Median log light of the wall, channel by channel."""
        red, green, blue = (quantile_log_light(plane, self.region.pure_window) for plane in self.log_light)
        return red, green, blue

    @cached_property
    def bright_log_light(self) -> tuple[int, int, int]:
        """80th percentile of the wall's log light, channel by channel.

        Pale paint must keep contrast up to this light: a patch of sun may clip to white, most of the wall may not. On
        rendered rooms the 80th percentile gave smaller errors than the 90th and above.
        """
        red, green, blue = (quantile_log_light(plane, self.region.pure_window, 0.8) for plane in self.log_light)
        return red, green, blue

    @cached_property
    def brightest_log_light(self) -> tuple[int, int, int]:
        """99.99th percentile of the log light of unclipped wall pixels, channel by channel."""
        window = self.pixels[self.region.window]
        unclipped = (cv2.inRange(window, (0, 0, 0), (254, 254, 254)) > 0).astype(np.uint8) & self.region.pure_window
        where = unclipped if unclipped.any() else self.region.pure_window
        red, green, blue = (quantile_log_light(plane, where, 0.9999) for plane in self.log_light)
        return red, green, blue


def read_light(
    pixels: np.ndarray, region: WallRegion, prediction: InterreflectionPrediction | None = None
) -> WallLight:
    """Estimate the light on a wall.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    region : WallRegion
    prediction : InterreflectionPrediction, optional
        Prediction of the network for this photo; without it the closed form is used alone.
    """
    window, pure = pixels[region.window], region.pure_window
    wall_color = median_wall_color(pixels, region)
    tint = _light_tint(window, pure, wall_color)
    mixed = region.mixed.with_highlights(*find_highlights(pixels, region, wall_color, tint))
    places = mixed.within(region.window)

    shading, middle = shading_log_light(window, pure)
    mixed_shading = mixed_shading_log_light(mixed, middle)

    def relative_log_light(channel: int) -> tuple[np.ndarray, np.ndarray]:
        shift = cv2.resize(encode_log_factor(tint[..., channel]), window.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        mixed_log_light = np.clip(mixed_shading + shift[places], 0, LOG_LIGHT_COUNT - 1).astype(np.uint16)
        return cv2.add(shading, shift, dtype=cv2.CV_16U), mixed_log_light

    channels = each_channel(relative_log_light)
    planes = (channels[0][0], channels[1][0], channels[2][0])
    mixed_log_light = np.stack([log_light for _, log_light in channels], axis=-1)

    def smoothing() -> np.ndarray:
        return smoothing_shift(planes[1], pure, float(luminance(wall_color)), noise_level(window, pure))

    interreflection = ClosedFormInterreflection.of_region(region)
    correction = None
    if prediction is not None and (prediction.confidence * prediction.wall).any():
        medians = [quantile_log_light(plane, pure) for plane in planes]
        correction = InterreflectionCorrection.from_prediction(prediction, region, planes, pure, medians)
    return WallLight(pixels, region, wall_color, planes, mixed, mixed_log_light, interreflection, smoothing, correction)


def median_wall_color(pixels: np.ndarray, region: WallRegion) -> np.ndarray:
    """(3,) float64 linear light of the wall's median, at least `FAINTEST`. pixels : (H, W, 3) uint8 sRGB."""
    return np.maximum(srgb_to_linear(wall_median(pixels, region.is_wall) / 255), FAINTEST)


def mixed_shading_log_light(mixed: MixedPixels, middle: float) -> np.ndarray:
    """(N,) float64 log light of the unmixed wall's luminance relative to `middle`, not rounded."""
    return LOG_LIGHT_OF_ONE + STEPS_PER_NEPER * np.log(np.maximum(luminance(mixed.radiance), FAINTEST) / middle)


def shading_log_light(window: np.ndarray, pure: np.ndarray) -> tuple[np.ndarray, float]:
    """(h, w) uint16 log light of luminance relative to the pure wall's median, and that median.

    Parameters
    ----------
    window : (h, w, 3) uint8
        sRGB.
    pure : (h, w) uint8
        Not 0 = nothing but wall.
    """
    red, green, blue = each_channel(
        lambda channel: cv2.LUT(cv2.extractChannel(window, channel), _LUMINANCE_SHARES[channel])
    )
    luminance_steps = cv2.add(cv2.add(red, green), blue)
    middle = float(_LUMINANCE_OF_STEP[quantile_log_light(luminance_steps, pure)])
    return cv2.LUT(luminance_steps, encode_log_light(_LUMINANCE_OF_STEP / middle)), middle


def _light_tint(window: np.ndarray, pure: np.ndarray, wall_color: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) float32: ln of the light's colour relative to its luminance, on a coarse grid.

    Lamps and windows tint a wall over wide areas; noise, stains and JPEG blocks do so over small ones. A channel that
    the paint hardly reflects is a poor measure of the light, so its tint is scaled down by the fourth root of the
    channel's share, the best of the exponents tried on rendered rooms.
    """
    mean_bytes, weight = cell_means(window, pure, max(window.shape[:2]) / _CHROMA_CELLS)
    light = srgb_to_linear(mean_bytes / 255)
    mean_light, coverage = mean_around(light, weight, _CHROMA_RADIUS)
    mean_light = np.maximum(mean_light, FAINTEST)
    relative = np.log(mean_light / wall_color)
    tint = relative - np.log(luminance(mean_light) / luminance(wall_color))[..., None]
    tint = _MAX_TINT * np.tanh(tint / _MAX_TINT)
    reliability = (wall_color / wall_color.max()) ** 0.25
    near_wall = np.clip(coverage / 0.02, 0, 1)[..., None]
    return (tint * reliability * near_wall).astype(np.float32)
