"""The albedo engine: keep the light, exchange the paint, in closed form."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.interreflection.wall_interreflection import BIAS
from wallpaint.albedo.light import WallLight
from wallpaint.albedo.log_light import CODE_COUNT, CODES_PER_NEPER, quantile_code, shifted
from wallpaint.albedo.noise import smoothing_share
from wallpaint.albedo.tone_response import contrast_within_reach, develop, reflectances, respond
from wallpaint.color import delta_e_2000, linear_to_lab
from wallpaint.mask import Surroundings, composite
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel, linear_to_bytes

_NEAR = 5.0  # CIEDE2000 within which new paint passes for the old: the wall then keeps its stains
_DARKEST = 1e-5  # linear; black paint, whose logarithm must exist
_BRIGHTEST = 1.25  # of a wall whose median lies below its middle, and is to be white


def paint_albedo(
    light: WallLight, aim: np.ndarray, pattern: np.ndarray | None = None, surroundings: Surroundings | None = None
) -> np.ndarray:
    """Repaint a wall.

    Parameters
    ----------
    light : WallLight
    aim : (3,) float
        Linear light the middle of the wall is to have, [0, 1.25].
    pattern : (3, h, w) int16, optional
        What a texture adds to the codes of light over the window.
    surroundings : Surroundings, optional
        All that is no wall, if it is not to stay the photo's.

    Returns
    -------
    (H, W, 3) uint8
        sRGB; every byte outside the wall is the photo's, or the surroundings'.
    """
    aim = np.clip(aim, _DARKEST, _BRIGHTEST)
    old, new = reflectances(light.wall_color, aim)
    contrast = _contrast(light, aim)
    smoothing = smoothing_share(light.wall_color, aim)
    is_same = bool((old == new).all())
    mixed_places = light.mixed.within(light.region.window)

    def paint_channel(channel: int) -> tuple[np.ndarray, np.ndarray]:
        codes, middle = light.codes[channel], light.median_codes[channel]
        if smoothing > 0:
            codes = shifted(codes, light.smoothing, smoothing)
            middle = quantile_code(codes, light.region.pure_window)
        painted_codes = respond(light.interreflection, old[channel], new[channel], aim[channel], middle, contrast)
        unshifted = painted_codes
        mixed_codes, brightest = light.mixed_codes[:, channel], light.brightest_codes[channel]
        if light.feedback is not None and not is_same:
            change = aim[channel] / light.wall_color[channel]
            shape = (codes.shape[0], codes.shape[1])
            shift = light.feedback.shift(channel, change, light.interreflection, old[channel], new[channel], shape)
            mixed_codes = _saturating_sum(mixed_codes, shift[mixed_places])
            brightest = min(brightest + max(0, int(shift.max()) - BIAS), CODE_COUNT - 1)
            codes = cv2.add(codes, shift, dst=shift)
            painted_codes = np.concatenate([np.repeat(painted_codes[:1], BIAS), painted_codes[:-BIAS]])
        shown = develop(aim[channel], int(unshifted[brightest]))
        mixed_codes = painted_codes[mixed_codes]
        if pattern is None:
            return cv2.LUT(codes, linear_to_bytes(shown[painted_codes])), shown[mixed_codes]
        patterned = cv2.add(cv2.LUT(codes, painted_codes), pattern[channel], dtype=cv2.CV_16U)
        mixed_codes = np.clip(mixed_codes + pattern[channel][mixed_places].astype(np.int64), 0, CODE_COUNT - 1)
        return cv2.LUT(patterned, linear_to_bytes(shown)), shown[mixed_codes]

    channels = each_channel(paint_channel)
    painted = cv2.merge([plane for plane, _ in channels])
    mixed = np.stack([values for _, values in channels], axis=-1)
    if pattern is None and (share := nearness(light.wall_color, aim)) > 0:
        painted, mixed = _keep_stains(light, np.maximum(aim, FAINTEST) / light.wall_color, painted, mixed, share)
    return composite(light.pixels, light.region, painted, light.mixed, mixed, surroundings)


def _saturating_sum(codes: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.minimum(codes.astype(np.int64) + shift, CODE_COUNT - 1)


def _contrast(light: WallLight, aim: np.ndarray) -> float:
    """One factor for all channels, so that shadows keep their hue: the one of the channel with the least room."""
    needed = [
        (bright - middle) / CODES_PER_NEPER
        for bright, middle in zip(light.bright_codes, light.median_codes, strict=True)
    ]
    return min(
        contrast_within_reach(max(0.0, need), float(-np.log(min(a, 1)))) for need, a in zip(needed, aim, strict=True)
    )


def nearness(old: np.ndarray, new: np.ndarray) -> float:
    """1 where the new paint is the old one, 0 from 5 CIEDE2000 on. Two (3,) linear colours."""
    return max(0.0, 1 - float(delta_e_2000(linear_to_lab(old), linear_to_lab(new))) / _NEAR)


def _keep_stains(
    light: WallLight, gain: np.ndarray, painted: np.ndarray, mixed: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pass over to scaling each channel as the new paint nears the old: a wall painted its own colour is itself."""
    scaled_bytes = np.stack([linear_to_bytes(LINEAR_OF_BYTE * factor) for factor in gain], axis=-1)[None]
    scaled = cv2.LUT(light.pixels[light.region.window], scaled_bytes)
    blended = cv2.addWeighted(painted, 1 - share, scaled, share, 0)
    return blended, (1 - share) * mixed + share * light.mixed.radiance * gain
