"""The light on a wall, read off a photo once: its shading, its own colour, its noise.

A painted wall shows I = ρE: its paint's reflectance ρ times the light E that falls on it, in each channel. ρ is one
number a channel, so E follows from the wall's pixels up to that number, and any other paint is a matter of
multiplying. Everything here is free of the colour to come; `albedo` adds that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.albedo.highlights import find_highlights
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.albedo.interreflection.wall_interreflection import Feedback
from wallpaint.albedo.log_light import CODE_COUNT, CODES_PER_NEPER, UNIT_CODE, encode_shift, log_codes, quantile_code
from wallpaint.albedo.noise import noise_level, smoothing_shift
from wallpaint.albedo.tone_response import Interreflection
from wallpaint.color import luminance, srgb_to_linear
from wallpaint.color.spaces import LUMINANCE_WEIGHTS
from wallpaint.mask import MixedPixels, WallRegion, cell_means, mean_around
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel
from wallpaint.reference import wall_median

_LUMINANCE_SHARES = np.rint(65535 * LUMINANCE_WEIGHTS[:, None] * LINEAR_OF_BYTE).astype(np.uint16)  # (3, 256)
_LUMINANCE_OF_STEP = np.maximum(np.arange(65536) / 65535, FAINTEST)
_STRONGEST_TINT = 0.2  # nepers; what differs more is rarely the light of a lamp but something else inside the mask
_CHROMA_CELLS = 128  # cells along the longer side in which the colour of light is measured
_CHROMA_REACH = 2.0  # cells; together 1.6 % of the picture, which shadows of furniture are and noise is not


@dataclass(frozen=True)
class WallLight:
    """What a photo tells about the light on its wall, over `region.window` of (h, w) pixels.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    wall_color : (3,) float64
        Linear light of the wall's middle, the median of each channel.
    codes : 3 × (h, w) uint16
        Light relative to `wall_color`, per channel, on the scale of `codes`: shading in luminance, plus what the
        colour of the light itself adds, which varies slowly.
    mixed : MixedPixels
        `region.mixed` and the wall's highlights.
    mixed_codes : (N, 3) uint16
        The same as `codes` for the unmixed wall in `mixed`.
    interreflection : Interreflection
        How the wall lights itself.
    smoothing_source : callable
        Works `smoothing` out; asked at most once, by paint that amplifies noise.
    feedback : Feedback or None
        What a network that has seen the room adds to `interreflection`.
    """

    pixels: np.ndarray
    region: WallRegion
    wall_color: np.ndarray
    codes: tuple[np.ndarray, np.ndarray, np.ndarray]
    mixed: MixedPixels
    mixed_codes: np.ndarray
    interreflection: Interreflection
    smoothing_source: Callable[[], np.ndarray]
    feedback: Feedback | None = None

    @cached_property
    def smoothing(self) -> np.ndarray:
        """(h, w) int16 shift of codes that takes noise out and leaves shading."""
        return self.smoothing_source()

    @cached_property
    def median_codes(self) -> tuple[int, int, int]:
        red, green, blue = (quantile_code(plane, self.region.pure_window) for plane in self.codes)
        return red, green, blue

    @cached_property
    def bright_codes(self) -> tuple[int, int, int]:
        """Per channel, what four fifths of the wall do not exceed.

        A patch of sun may be lost to white; a wall may not. On rendered rooms four fifths came nearer to the truth than
        nine tenths or more.
        """
        red, green, blue = (quantile_code(plane, self.region.pure_window, 0.8) for plane in self.codes)
        return red, green, blue

    @cached_property
    def brightest_codes(self) -> tuple[int, int, int]:
        """Per channel, the brightest wall that the camera did not clip, but for one pixel in ten thousand."""
        window = self.pixels[self.region.window]
        unclipped = (cv2.inRange(window, (0, 0, 0), (254, 254, 254)) > 0).astype(np.uint8) & self.region.pure_window
        where = unclipped if unclipped.any() else self.region.pure_window
        red, green, blue = (quantile_code(plane, where, 0.9999) for plane in self.codes)
        return red, green, blue


def read_light(pixels: np.ndarray, region: WallRegion, answer: InterreflectionPrediction | None = None) -> WallLight:
    """Read the light off a wall.

    pixels : (H, W, 3) uint8 sRGB; answer : the network's, where it has been asked.
    """
    window, pure = pixels[region.window], region.pure_window
    wall_color = np.maximum(srgb_to_linear(wall_median(pixels, region.is_wall) / 255), FAINTEST)
    tint = _light_tint(window, pure, wall_color)
    mixed = region.mixed.with_highlights(*find_highlights(pixels, region, wall_color, tint))
    places = mixed.within(region.window)

    shading, middle = shading_codes(window, pure)
    mixed_shading = UNIT_CODE + CODES_PER_NEPER * np.log(np.maximum(luminance(mixed.radiance), FAINTEST) / middle)

    def relative_codes(channel: int) -> tuple[np.ndarray, np.ndarray]:
        shift = cv2.resize(encode_shift(tint[..., channel]), window.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        mixed_codes = np.clip(mixed_shading + shift[places], 0, CODE_COUNT - 1).astype(np.uint16)
        return cv2.add(shading, shift, dtype=cv2.CV_16U), mixed_codes

    channels = each_channel(relative_codes)
    planes = (channels[0][0], channels[1][0], channels[2][0])
    mixed_codes = np.stack([codes for _, codes in channels], axis=-1)

    def smoothing() -> np.ndarray:
        return smoothing_shift(planes[1], pure, float(luminance(wall_color)), noise_level(window, pure))

    interreflection = Interreflection.of_region(region)
    feedback = None
    if answer is not None and (answer.confidence * answer.wall).any():
        middle_codes = [quantile_code(plane, pure) for plane in planes]
        feedback = Feedback.over_window(answer, region, planes, pure, middle_codes)
    return WallLight(pixels, region, wall_color, planes, mixed, mixed_codes, interreflection, smoothing, feedback)


def shading_codes(window: np.ndarray, pure: np.ndarray) -> tuple[np.ndarray, float]:
    """(h, w) uint16 codes of luminance relative to the pure wall's median, and that median."""
    red, green, blue = each_channel(
        lambda channel: cv2.LUT(cv2.extractChannel(window, channel), _LUMINANCE_SHARES[channel])
    )
    luminance_steps = cv2.add(cv2.add(red, green), blue)
    middle = float(_LUMINANCE_OF_STEP[quantile_code(luminance_steps, pure)])
    return cv2.LUT(luminance_steps, log_codes(_LUMINANCE_OF_STEP / middle)), middle


def _light_tint(window: np.ndarray, pure: np.ndarray, wall_color: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) float32: ln of the colour of light relative to its luminance, in coarse cells.

    Lamps and windows colour a wall over wide stretches; noise, stains and JPEG blocks do so over short ones. A
    channel the paint hardly reflects says little about the light, so it is believed less: in proportion to the
    fourth root of its share, which was best of the exponents tried on rendered rooms.
    """
    mean_bytes, weight = cell_means(window, pure, max(window.shape[:2]) / _CHROMA_CELLS)
    light = srgb_to_linear(mean_bytes / 255)
    mean_light, coverage = mean_around(light, weight, _CHROMA_REACH)
    mean_light = np.maximum(mean_light, FAINTEST)
    relative = np.log(mean_light / wall_color)
    tint = relative - np.log(luminance(mean_light) / luminance(wall_color))[..., None]
    tint = _STRONGEST_TINT * np.tanh(tint / _STRONGEST_TINT)
    belief = (wall_color / wall_color.max()) ** 0.25
    near_wall = np.clip(coverage / 0.02, 0, 1)[..., None]
    return (tint * belief * near_wall).astype(np.float32)
