"""Repainting one wall in one colour: keep the light, exchange the paint, in closed form."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.interreflection.correction import BIAS
from wallpaint.albedo.light import WallLight
from wallpaint.albedo.log_light import LOG_LIGHT_COUNT, STEPS_PER_NEPER, add_log_factor, quantile_log_light
from wallpaint.albedo.noise import smoothing_share
from wallpaint.albedo.tone_response import contrast_factor, display_curve, reflectances, tone_response_curve
from wallpaint.color import delta_e_2000, linear_to_lab
from wallpaint.mask import Surroundings, composite
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel, linear_to_bytes

_SAME_PAINT = 5.0  # CIEDE2000 up to which new paint keeps some of the old paint's stains
_DARKEST = 1e-5  # linear light of black paint, above 0 because its logarithm is taken
_BRIGHTEST = 1.25  # linear light to aim at when a wall's median must be white and edge pixels pull it down


def paint_albedo(
    light: WallLight, aim: np.ndarray, pattern: np.ndarray | None = None, surroundings: Surroundings | None = None
) -> np.ndarray:
    """Repaint a wall.

    Parameters
    ----------
    light : WallLight
    aim : (3,) float
        Linear light that the wall's median gets, [0, 1.25].
    pattern : (3, h, w) int16, optional
        Log factors of a texture over the window, from `lay_pattern`.
    surroundings : Surroundings, optional
        Everything outside the wall under the new paint; the photo's own pixels by default.

    Returns
    -------
    (H, W, 3) uint8
        sRGB; outside the wall, the bytes of the photo or of `surroundings`.
    """
    aim = np.clip(aim, _DARKEST, _BRIGHTEST)
    old, new = reflectances(light.wall_color, aim)
    contrast = _contrast(light, aim)
    smoothing = smoothing_share(light.wall_color, aim)
    is_same = bool((old == new).all())
    mixed_places = light.mixed.within(light.region.window)

    def paint_channel(channel: int) -> tuple[np.ndarray, np.ndarray]:
        log_light, median = light.log_light[channel], light.median_log_light[channel]
        if smoothing > 0:
            log_light = add_log_factor(log_light, light.smoothing, smoothing)
            median = quantile_log_light(log_light, light.region.pure_window)
        curve = tone_response_curve(light.interreflection, old[channel], new[channel], aim[channel], median, contrast)
        painted_log_light = curve
        mixed_log_light, brightest = light.mixed_log_light[:, channel], light.brightest_log_light[channel]
        if light.correction is not None and not is_same:
            wall_ratio = aim[channel] / light.wall_color[channel]
            shape = (log_light.shape[0], log_light.shape[1])
            shift = light.correction.shift(
                channel, wall_ratio, light.interreflection, old[channel], new[channel], shape
            )
            mixed_log_light = _saturating_sum(mixed_log_light, shift[mixed_places])
            brightest = min(brightest + max(0, int(shift.max()) - BIAS), LOG_LIGHT_COUNT - 1)
            log_light = cv2.add(log_light, shift, dst=shift)
            painted_log_light = np.concatenate([np.repeat(curve[:1], BIAS), curve[:-BIAS]])
        shown = display_curve(aim[channel], int(curve[brightest]))
        mixed_log_light = painted_log_light[mixed_log_light]
        if pattern is None:
            return cv2.LUT(log_light, linear_to_bytes(shown[painted_log_light])), shown[mixed_log_light]
        patterned = cv2.add(cv2.LUT(log_light, painted_log_light), pattern[channel], dtype=cv2.CV_16U)
        mixed_log_light = mixed_log_light + pattern[channel][mixed_places].astype(np.int64)
        return cv2.LUT(patterned, linear_to_bytes(shown)), shown[np.clip(mixed_log_light, 0, LOG_LIGHT_COUNT - 1)]

    channels = each_channel(paint_channel)
    painted = cv2.merge([plane for plane, _ in channels])
    mixed = np.stack([values for _, values in channels], axis=-1)
    if pattern is None and (share := similarity(light.wall_color, aim)) > 0:
        painted, mixed = _keep_stains(light, np.maximum(aim, FAINTEST) / light.wall_color, painted, mixed, share)
    return composite(light.pixels, light.region, painted, light.mixed, mixed, surroundings)


def similarity(old: np.ndarray, new: np.ndarray) -> float:
    """Similarity of two paints in [0, 1]: 1 where they are equal, 0 from 5 CIEDE2000 on. Two (3,) linear colours."""
    return max(0.0, 1 - float(delta_e_2000(linear_to_lab(old), linear_to_lab(new))) / _SAME_PAINT)


def _saturating_sum(log_light: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.minimum(log_light.astype(np.int64) + shift, LOG_LIGHT_COUNT - 1)


def _contrast(light: WallLight, aim: np.ndarray) -> float:
    """Contrast factor of the channel with the least headroom, used for all three so that shadows keep their hue."""
    needed = [
        (bright - median) / STEPS_PER_NEPER
        for bright, median in zip(light.bright_log_light, light.median_log_light, strict=True)
    ]
    return min(contrast_factor(max(0.0, need), float(-np.log(min(a, 1)))) for need, a in zip(needed, aim, strict=True))


def _keep_stains(
    light: WallLight, gain: np.ndarray, painted: np.ndarray, mixed: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Blend with the photo's wall scaled by `gain`, so that a wall painted in its own colour keeps every byte."""
    scaled_bytes = np.stack([linear_to_bytes(LINEAR_OF_BYTE * factor) for factor in gain], axis=-1)[None]
    scaled = cv2.LUT(light.pixels[light.region.window], scaled_bytes)
    blended = cv2.addWeighted(painted, 1 - share, scaled, share, 0)
    return blended, (1 - share) * mixed + share * light.mixed.radiance * gain
