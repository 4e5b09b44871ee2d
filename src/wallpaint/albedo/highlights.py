"""Highlights: light that a glossy wall reflects without its paint's colour.

On a coloured wall a pixel is m·W + s·(1, 1, 1): the wall's colour W times the shading m, plus mirrored light s (Shafer,
"Using Color to Separate Reflection Components", Color Research & Application 10(4), 1985). New paint changes W and must
keep s. On a neutral wall the two have the same colour and cannot be separated.
"""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.noise import noise_level
from wallpaint.color import srgb_to_linear
from wallpaint.mask import WallRegion, cell_means, mean_around
from wallpaint.photo import LINEAR_OF_BYTE, linear_to_bytes

_MIN_SATURATION = 0.5  # 1 − min/max of the wall's linear channels; below it paint and light cannot be separated
_SIGMAS = 4.0  # standard deviations of noise below which a highlight is taken as noise
_MIN_SHARE = 0.08  # of the wall's own light; lamps of another colour cause differences up to this
_SURROUNDINGS = 0.05  # of the longer side: radius within which a highlight is brighter than its surroundings
_MAX_AREA = 0.001  # of the picture: a larger patch is light of another colour, or not wall
_BRIGHTER = (1.5, 2.0)  # ratios to the surroundings at which a pixel starts to count as highlight, and fully counts
_CELLS_AROUND = 4.0
_GRAIN = np.ones((3, 3), np.uint8)
_NOWHERE = np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, 3), np.float32)


def find_highlights(
    pixels: np.ndarray, region: WallRegion, wall_color: np.ndarray, tint: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the pure wall pixels with a highlight, and their light without it.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    wall_color : (3,) float
        Linear light of the wall's median.
    tint : (rows, columns, 3) float32
        ln of the light's colour over `region.window`, on a coarse grid: whiter light over a wide area does not count as
        highlight.

    Returns
    -------
    rows, columns : (N,) int
        Positions in the photo.
    radiance : (N, 3) float32
        Linear light of the wall there without the highlight.
    """
    least, most = int(np.argmin(wall_color)), int(np.argmax(wall_color))
    if 1 - wall_color[least] / wall_color[most] < _MIN_SATURATION:
        return _NOWHERE
    window = pixels[region.window]
    pure = np.ascontiguousarray(region.is_pure[region.window]).view(np.uint8)
    strongest = cv2.extractChannel(window, most)
    surroundings = _surroundings(strongest, pure)
    limit = _resized(linear_to_bytes(_BRIGHTER[0] * surroundings), window)
    brighter = cv2.bitwise_and(cv2.compare(strongest, limit, cv2.CMP_GT), pure)
    if not cv2.countNonZero(brighter):
        return _NOWHERE
    columns, rows = cv2.findNonZero(brighter).reshape(-1, 2).T

    weakest = window[rows, columns, least]
    weak, strong = LINEAR_OF_BYTE[weakest], LINEAR_OF_BYTE[strongest[rows, columns]]
    tinted = wall_color[[least, most]] * np.exp(tint[..., [least, most]])
    share = _resized((tinted[..., 0] / tinted[..., 1]).astype(np.float32), window)[rows, columns]
    separation = np.maximum(1 - share, 0.2)
    noise = noise_level(window, pure) * np.gradient(LINEAR_OF_BYTE)[weakest] / separation
    gloss = (weak - share * strong) / separation - _SIGMAS * noise - _MIN_SHARE * strong
    gloss = np.maximum(gloss, 0) * _smoothstep(*_BRIGHTER, strong / _resized(surroundings, window)[rows, columns])

    glossy = np.zeros(window.shape[:2], np.uint8)
    glossy[rows, columns] = gloss > 0
    patches = _small_patches(cv2.morphologyEx(glossy, cv2.MORPH_OPEN, _GRAIN), _MAX_AREA * region.alpha.size)
    kept = patches[rows, columns] & (gloss > 0)
    rows, columns, gloss = rows[kept], columns[kept], gloss[kept]
    radiance = np.maximum(LINEAR_OF_BYTE[window[rows, columns]] - gloss[:, None], 0).astype(np.float32)
    return rows + region.window[0].start, columns + region.window[1].start, radiance


def _small_patches(marked: np.ndarray, largest: float) -> np.ndarray:
    """(h, w) bool: the connected patches of at most `largest` pixels."""
    kept = np.zeros(marked.shape, bool)
    left, top, width, height = cv2.boundingRect(marked)
    around = (slice(top, top + height), slice(left, left + width))
    if width and height:
        _, patches, statistics, _ = cv2.connectedComponentsWithStats(marked[around], connectivity=8)
        small = statistics[:, cv2.CC_STAT_AREA] <= largest
        small[0] = False
        kept[around] = small[patches]
    return kept


def _surroundings(channel: np.ndarray, pure: np.ndarray) -> np.ndarray:
    """(rows, columns) float32 mean linear light of the wall around each cell of a coarse grid.

    channel : (h, w) uint8 sRGB; pure : (h, w) uint8, not 0 = counts.
    """
    side = _SURROUNDINGS * max(channel.shape) / _CELLS_AROUND
    mean_bytes, share = cell_means(channel, pure, side)
    light = srgb_to_linear(mean_bytes / 255)
    mean, _ = mean_around(light, share, _CELLS_AROUND)
    return np.maximum(mean, 1e-4)


def _resized(cells: np.ndarray, window: np.ndarray) -> np.ndarray:
    return cv2.resize(cells, window.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _smoothstep(low: float, high: float, values: np.ndarray) -> np.ndarray:
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
