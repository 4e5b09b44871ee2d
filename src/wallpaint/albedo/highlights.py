"""Highlights: light that a wall's gloss throws back without its paint's colour.

On a coloured wall a pixel is m·W + s·(1, 1, 1): the wall's colour W lit m-fold, and s of the light itself (Shafer,
"Using Color to Separate Reflection Components", Color Research & Application 10(4), 1985). New paint exchanges W and
must leave s as it is. On a neutral wall the two look alike and nothing is separated.
"""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.noise import noise_level
from wallpaint.color import srgb_to_linear
from wallpaint.mask import WallRegion, cell_means, mean_around
from wallpaint.photo import LINEAR_OF_BYTE, linear_to_bytes

_LEAST_SATURATION = 0.5  # 1 − min/max of linear channels, below which paint and light cannot be told apart
_SIGMAS = 4.0  # highlights fainter than this many standard deviations of noise are noise
_LEAST_SHARE = 0.08  # of the wall's own light; lamps of another colour make differences up to there
_SURROUNDINGS = 0.05  # of the picture's longer side: a highlight is brighter than what lies around it that far
_LARGEST = 0.001  # of the picture: a larger patch is light of another colour, or no wall
_BRIGHTER = (1.5, 2.0)  # times as bright as its surroundings: where a highlight begins, and where it surely is one
_CELLS_AROUND = 4.0
_GRAIN = np.ones((3, 3), np.uint8)
_NOWHERE = np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, 3), np.float32)


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
    least, most = int(np.argmin(wall_color)), int(np.argmax(wall_color))
    if 1 - wall_color[least] / wall_color[most] < _LEAST_SATURATION:
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
    gloss = (weak - share * strong) / separation - _SIGMAS * noise - _LEAST_SHARE * strong
    gloss = np.maximum(gloss, 0) * _smoothstep(*_BRIGHTER, strong / _resized(surroundings, window)[rows, columns])

    glossy = np.zeros(window.shape[:2], np.uint8)
    glossy[rows, columns] = gloss > 0
    patches = _small_patches(cv2.morphologyEx(glossy, cv2.MORPH_OPEN, _GRAIN), _LARGEST * region.alpha.size)
    kept = patches[rows, columns] & (gloss > 0)
    rows, columns, gloss = rows[kept], columns[kept], gloss[kept]
    radiance = np.maximum(LINEAR_OF_BYTE[window[rows, columns]] - gloss[:, None], 0).astype(np.float32)
    return rows + region.window[0].start, columns + region.window[1].start, radiance


def _small_patches(marked: np.ndarray, largest: float) -> np.ndarray:
    """(h, w) bool: the connected patches of at most so many pixels."""
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
    """(rows, columns) float32 mean light of the wall around each cell of a coarse grid.

    channel : (h, w) uint8, sRGB.
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
