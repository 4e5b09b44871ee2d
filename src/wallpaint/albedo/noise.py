"""Noise of a photographed wall: its standard deviation, and smoothing of the shading for paint that amplifies it."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.log_light import LINEAR_OF_LOG_LIGHT, LOG_LIGHT_COUNT, STEPS_PER_NEPER
from wallpaint.color import linear_to_srgb, luminance

_ROUNDING = 12**-0.5  # bytes; standard deviation of rounding, the least noise of any photo
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_SAMPLED_PIXELS, _STRIP = 1_000_000, 64  # pixels to measure noise on, in strips of 64 rows over the whole height
_CELL = 4  # side of a cell of the coarse grid in pixels; half a JPEG block
_NOISE_FACTOR = 2.5  # on the measured noise: gamma stretches noise on dark walls, and JPEG hides it from the measure
_RADIUS = 2  # cells to either side within which the shading is modelled as constant


def noise_level(pixels: np.ndarray, where: np.ndarray) -> float:
    """Standard deviation of the marked pixels' noise.

    From the response to a filter that is 0 for linear gradients (Immerkær, "Fast Noise Variance Estimation", Computer
    Vision and Image Understanding 64(2), 1996), by its median, so that edges and patterns do not count as noise.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
        sRGB.
    where : (h, w) uint8
        Not 0 = counts.

    Returns
    -------
    float
        In sRGB bytes of grey; at least the rounding to bytes, 0.29.
    """
    apart = max(1, round(pixels.shape[0] * pixels.shape[1] / _SAMPLED_PIXELS))
    strips = [slice(top, top + _STRIP) for top in range(0, pixels.shape[0], _STRIP * apart)]
    magnitudes = np.concatenate([_responses(pixels[strip], where[strip]) for strip in strips])
    if magnitudes.size == 0:
        return _ROUNDING
    return max(_ROUNDING, float(np.median(magnitudes)) / (0.6745 * 6))


def _responses(pixels: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(N,) magnitudes of Immerkær's filter at marked pixels whose neighbours are all marked."""
    response = cv2.filter2D(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.CV_32F, _IMMERKAER)
    inner = cv2.erode(where, np.ones((3, 3), np.uint8), borderValue=0)
    return np.abs(response[inner > 0])


def bytes_per_neper(light: np.ndarray | float) -> np.ndarray:
    """sRGB bytes for each neper of linear light, d byte / d ln light."""
    light = np.maximum(np.asarray(light, np.float64), 1e-6)
    return 255 * (linear_to_srgb(light * 1.01) - linear_to_srgb(light / 1.01)) / (2 * np.log(1.01))


def smoothing_share(wall_color: np.ndarray, painted_color: np.ndarray) -> float:
    """Share of the noise to remove before painting.

    Two (3,) linear colours → [0, 1): 0 where the new paint does not amplify noise, 1 − 1/G² where it amplifies it G
    times. 1 − 1/G would leave as much noise as the photo had; more is removed because the noise of dark walls is
    skewed, and its black specks are visible on pale paint.
    """
    old, new = (bytes_per_neper(float(luminance(color))) for color in (wall_color, painted_color))
    return float(max(0.0, 1 - (old / new) ** 2))


def smoothing_shift(log_light: np.ndarray, where: np.ndarray, wall_luminance: float, noise: float) -> np.ndarray:
    """Amount to add to log light to remove noise and keep shading.

    A self-guided filter (He, Sun & Tang, "Guided Image Filtering", IEEE TPAMI 35(6), 2013) in its coarse-grid form
    (He & Sun, "Fast Guided Filter", 2015). Its threshold depends on the light: a byte of noise is a large share of the
    light where the wall is dark, and a small one where it is bright.

    Parameters
    ----------
    log_light : (h, w) uint16
        Light relative to the wall's median.
    where : (h, w) uint8
        Not 0 = wall; other pixels are left out of the averages.
    wall_luminance : float
        Linear luminance of the wall's median, (0, 1].
    noise : float
        Standard deviation in sRGB bytes.

    Returns
    -------
    (h, w) int16
        0 where there is no wall.
    """
    height, width = log_light.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    weight = cv2.resize(where * np.uint8(255), cells, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    wall_sum = cv2.resize(cv2.bitwise_and(log_light, log_light, mask=where), cells, interpolation=cv2.INTER_AREA)
    mean_in_cell = np.minimum(wall_sum / np.maximum(weight, 1e-2), LOG_LIGHT_COUNT - 1).astype(np.float32)

    def blurred(values: np.ndarray) -> np.ndarray:
        size = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
        return cv2.boxFilter(values, -1, size, borderType=cv2.BORDER_REFLECT)

    total = np.maximum(blurred(weight), 1e-3)
    mean = blurred(mean_in_cell * weight) / total
    variance = np.maximum(blurred((mean_in_cell - mean) ** 2 * weight) / total, 0)
    slope_in_bytes = bytes_per_neper(wall_luminance * LINEAR_OF_LOG_LIGHT[mean.astype(np.intp)])
    noise_in_steps = (_NOISE_FACTOR * noise * STEPS_PER_NEPER / slope_in_bytes).astype(np.float32)
    kept = variance / (variance + noise_in_steps**2)
    slope = blurred(kept * weight) / total
    offset = blurred((1 - kept) * mean * weight) / total

    smoothed = cv2.multiply(log_light, cv2.resize(slope, (width, height)), dtype=cv2.CV_32F)
    cv2.add(smoothed, cv2.resize(offset, (width, height)), dst=smoothed)
    shift = np.zeros(log_light.shape, np.int16)
    cv2.subtract(smoothed, log_light, dst=shift, mask=where, dtype=cv2.CV_16S)
    return shift
