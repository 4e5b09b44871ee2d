"""Highlights: light that a wall's gloss throws back without its paint's colour.

On a coloured wall a pixel is m·W + s·(1, 1, 1): the wall's colour W lit m-fold, and s of the light itself (Shafer,
"Using Color to Separate Reflection Components", Color Research & Application 10(4), 1985). New paint exchanges W and
must leave s as it is. On a neutral wall the two look alike and nothing is separated.
"""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.color import srgb_to_linear
from wallpaint.photo import WallRegion, mean_around
from wallpaint.repaint.noise import noise_level

_LEAST_SATURATION = 0.5  # 1 − min/max of linear channels, below which paint and light cannot be told apart
_SIGMAS = 4.0  # highlights fainter than this many standard deviations of noise are noise
_LEAST_SHARE = 0.08  # of the wall's own light; lamps of another colour make differences up to there
_SURROUNDINGS = 0.05  # of the picture's longer side: a highlight is brighter than what lies around it that far
_LARGEST = 0.001  # of the picture: a larger patch is light of another colour, or no wall
_GRAIN = np.ones((3, 3), np.uint8)
_LINEAR_OF_BYTE = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


def find_highlights(
    pixels: np.ndarray, region: WallRegion, wall_color: np.ndarray, tint: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pure wall pixels that carry a highlight.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    wall_color : (3,) float
        Linear light of the wall's median.
    tint : (rows, columns, 3) float32
        ln of the colour of the light over `region.window`, in coarse cells: where the light itself is whiter over a
        wide stretch, that is no highlight.

    Returns
    -------
    rows, columns : (N,) int
        Places in the photo.
    radiance : (N, 3) float32
        Linear light of the wall there without its highlight.
    """
    if 1 - wall_color.min() / wall_color.max() < _LEAST_SATURATION:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, 3), np.float32)
    window = pixels[region.window]
    pure = region.is_pure[region.window]
    gloss = cv2.medianBlur(_gloss(window, pure.astype(np.uint8), wall_color, tint), 3)
    glossy = cv2.morphologyEx((gloss > 0).astype(np.uint8), cv2.MORPH_OPEN, _GRAIN)
    rows, columns = np.nonzero(_small_patches(glossy, _LARGEST * region.alpha.size) & pure)
    light = _LINEAR_OF_BYTE[window[rows, columns]]
    radiance = np.maximum(light - gloss[rows, columns, None], 0)
    return rows + region.window[0].start, columns + region.window[1].start, radiance


def _gloss(window: np.ndarray, pure: np.ndarray, wall_color: np.ndarray, tint: np.ndarray) -> np.ndarray:
    """(h, w) float32 linear light that is not the wall's colour, less what noise and lamps explain."""
    height, width = window.shape[:2]
    least, most = int(np.argmin(wall_color)), int(np.argmax(wall_color))
    local = wall_color[[least, most]] * np.exp(tint[..., [least, most]])
    cells = np.asarray(local[..., 0] / local[..., 1], np.float32)
    share = cv2.resize(cells, (width, height))  # of the weakest channel in the strongest, for the wall alone
    weakest = cv2.LUT(np.ascontiguousarray(window[..., least]), _LINEAR_OF_BYTE)
    strongest = cv2.LUT(np.ascontiguousarray(window[..., most]), _LINEAR_OF_BYTE)
    separation = np.maximum(1 - share, 0.2)
    gloss = (weakest - share * strongest) / separation
    step = np.gradient(_LINEAR_OF_BYTE)
    noise = noise_level(window, pure) * cv2.LUT(np.ascontiguousarray(window[..., least]), step) / separation
    brighter = _smoothstep(1.5, 2.0, strongest / _surroundings(strongest, pure))
    return np.maximum(gloss - _SIGMAS * noise - _LEAST_SHARE * strongest, 0) * brighter


def _small_patches(marked: np.ndarray, largest: float) -> np.ndarray:
    """(h, w) bool: the connected patches of at most so many pixels."""
    _, patches, statistics, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    small = statistics[:, cv2.CC_STAT_AREA] <= largest
    small[0] = False
    return small[patches]


def _surroundings(light: np.ndarray, pure: np.ndarray) -> np.ndarray:
    """(h, w) float32 mean light of the wall around each pixel, worked out on a coarse grid."""
    height, width = light.shape
    step = max(1.0, _SURROUNDINGS * max(height, width) / 4)
    cells = (max(1, round(width / step)), max(1, round(height / step)))
    weight = cv2.resize(pure.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    total = cv2.resize(light * pure, cells, interpolation=cv2.INTER_AREA)
    mean, _ = mean_around(total / np.maximum(weight, 1e-3), weight, 4.0)
    return np.maximum(cv2.resize(mean, (width, height)), 1e-4)


def _smoothstep(low: float, high: float, values: np.ndarray) -> np.ndarray:
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
