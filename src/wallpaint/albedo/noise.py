"""The noise of a wall: how strong it is, and a shading without it for paint that would amplify it."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.log_light import CODE_COUNT, CODES_PER_NEPER, LIGHT_OF_CODE
from wallpaint.color import linear_to_srgb, luminance

_ROUNDING = 12**-0.5  # standard deviation of rounding to a byte: no photo is quieter
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_ENOUGH, _STRIP = 1_000_000, 64  # pixels that tell a photo's noise, taken in strips of rows over all its height
_CELL = 4  # pixels of a cell of the coarse grid; half a JPEG block
_DARK_NOISE = 2.5  # times the measured noise that dark walls have: gamma stretches it there, and JPEG hides it
_REACH = 2  # cells to either side over which shading is taken as straight


def noise_level(pixels: np.ndarray, where: np.ndarray) -> float:
    """Standard deviation of the noise of the marked pixels, in sRGB bytes of grey.

    The response to a mask blind to slopes (Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image
    Understanding 64(2), 1996), summed up by its median so that edges and patterns do not count as noise.

    pixels : (h, w, 3) uint8; where : (h, w) uint8, not 0 = counts. Never below the rounding of a byte.
    """
    apart = max(1, round(pixels.shape[0] * pixels.shape[1] / _ENOUGH))
    strips = [slice(top, top + _STRIP) for top in range(0, pixels.shape[0], _STRIP * apart)]
    magnitudes = np.concatenate([_responses(pixels[strip], where[strip]) for strip in strips])
    if magnitudes.size == 0:
        return _ROUNDING
    return max(_ROUNDING, float(np.median(magnitudes)) / (0.6745 * 6))


def _responses(pixels: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(N,) magnitudes of the mask's response at marked pixels with marked neighbours."""
    response = cv2.filter2D(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.CV_32F, _IMMERKAER)
    inner = cv2.erode(where, np.ones((3, 3), np.uint8), borderValue=0)
    return np.abs(response[inner > 0])


def bytes_per_neper(light: np.ndarray | float) -> np.ndarray:
    """How many sRGB bytes a factor of e is worth at a given linear light, d byte / d ln light."""
    light = np.maximum(np.asarray(light, np.float64), 1e-6)
    return 255 * (linear_to_srgb(light * 1.01) - linear_to_srgb(light / 1.01)) / (2 * np.log(1.01))


def smoothing_share(wall_color: np.ndarray, painted_color: np.ndarray) -> float:
    """How much of the noise is to go.

    Two (3,) linear colours → [0, 1): 0 where painting does not amplify, 1 − 1/G² where it would G-fold: 1 − 1/G would
    leave as much as the photo had, but dark noise is lopsided, and its black specks show on pale paint.
    """
    old, new = (bytes_per_neper(float(luminance(color))) for color in (wall_color, painted_color))
    return float(max(0.0, 1 - (old / new) ** 2))


def smoothing_shift(codes: np.ndarray, where: np.ndarray, wall_luminance: float, noise: float) -> np.ndarray:
    """What to add to the codes of light so that noise goes and shading stays.

    A self-guided filter (He, Sun & Tang, "Guided Image Filtering", IEEE TPAMI 35(6), 2013) in its coarse-grid form
    (He & Sun, "Fast Guided Filter", 2015). Its threshold is not one number: a byte of noise is a large
    share of the light where the wall is dark and a small one where it is bright.

    Parameters
    ----------
    codes : (h, w) uint16
        Light relative to the wall's median.
    where : (h, w) uint8
        Not 0 = wall; nothing else is averaged.
    wall_luminance : float
        Linear luminance of the wall's median, (0, 1].
    noise : float
        Standard deviation in sRGB bytes.

    Returns
    -------
    (h, w) int16
        0 where there is no wall.
    """
    height, width = codes.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    weight = cv2.resize(where * np.uint8(255), cells, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    wall_codes = cv2.resize(cv2.bitwise_and(codes, codes, mask=where), cells, interpolation=cv2.INTER_AREA)
    code = np.minimum(wall_codes / np.maximum(weight, 1e-2), CODE_COUNT - 1).astype(np.float32)

    def blurred(values: np.ndarray) -> np.ndarray:
        size = (2 * _REACH + 1, 2 * _REACH + 1)
        return cv2.boxFilter(values, -1, size, borderType=cv2.BORDER_REFLECT)

    covered = np.maximum(blurred(weight), 1e-3)
    mean = blurred(code * weight) / covered
    variance = np.maximum(blurred((code - mean) ** 2 * weight) / covered, 0)
    worth = bytes_per_neper(wall_luminance * LIGHT_OF_CODE[mean.astype(np.intp)])
    noise_in_codes = (_DARK_NOISE * noise * CODES_PER_NEPER / worth).astype(np.float32)
    kept = variance / (variance + noise_in_codes**2)
    slope = blurred(kept * weight) / covered
    offset = blurred((1 - kept) * mean * weight) / covered

    smoothed = cv2.multiply(codes, cv2.resize(slope, (width, height)), dtype=cv2.CV_32F)
    cv2.add(smoothed, cv2.resize(offset, (width, height)), dst=smoothed)
    shift = np.zeros(codes.shape, np.int16)
    cv2.subtract(smoothed, codes, dst=shift, mask=where, dtype=cv2.CV_16S)
    return shift
