"""Whether a wall is plain: paint and plaster, whose fine detail survives new paint, or a pattern, which does not."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.noise import noise_level
from wallpaint.color import linear_to_srgb, srgb_to_lab
from wallpaint.diffusion.fullsize.crop import Frame
from wallpaint.mask import WallRegion, mean_around

PLAINEST_PATTERN = 0.4  #: pattern contrast from which a wall counts as patterned, CIELAB units

_GRID = 128  # pixels along the side of a square frame: plaster averages out, a pattern's motifs do not
_FINE, _COARSE, _AROUND = 0.7, 2.0, 4.0  # pixels of that grid: the band that is looked at, and how far it is summed up
_CALMEST = 0.2  # of the wall; edges of shadows are sharp but few, a pattern is everywhere
_CHROMA = 0.3  # weight of a* and b*: chroma noise is strong, and JPEG spreads it over blocks that averaging keeps
_NOISE = 0.4  # units in that band for one byte of noise, where a cell is one pixel of the photo
_PURE = 0.999


def is_plain(pixels: np.ndarray, region: WallRegion, frame: Frame) -> bool:
    """Whether a wall shows no pattern: `pattern_contrast` below `PLAINEST_PATTERN`.

    Through a camera it takes 0.7 % of 139 plain walls for patterned, without one none, and 13 to 19 % of 31 patterned
    walls, the faintest, for plain (``python benchmarks/detail.py``; docs/detail.md).
    """
    return pattern_contrast(pixels, region, frame) < PLAINEST_PATTERN


def pattern_contrast(pixels: np.ndarray, region: WallRegion, frame: Frame) -> float:
    """How strongly a wall varies over 1 to 3 % of its frame, in its calmest parts, beyond its noise.

    The wall is averaged on a grid of 128² cells and band-passed in CIELAB by normalized convolution over pure wall; of
    the root mean squares around every cell the 20th percentile is taken, and the noise a cell is left with subtracted
    in squares.

    pixels : (H, W, 3) uint8 sRGB.

    Returns
    -------
    float
        CIELAB units, ≥ 0; 0 where no cell is all wall.
    """
    window, pure = pixels[region.window], region.pure_window
    grid = frame.regridded(_GRID)
    light, share = grid.shrink_light(window, pure)
    inner = cv2.erode((share >= _PURE).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    if not inner.any():
        return 0.0
    lab = srgb_to_lab(linear_to_srgb(light)).astype(np.float32)
    weight = inner.astype(np.float32)
    band = mean_around(lab, weight, _FINE)[0] - mean_around(lab, weight, _COARSE)[0]
    energy, _ = mean_around((band**2 * (1, _CHROMA**2, _CHROMA**2)).sum(axis=-1).astype(np.float32), weight, _AROUND)
    noise = _NOISE * noise_level(window, pure) / max(grid.reduction, 1)
    return float(max(0.0, np.quantile(energy[inner], _CALMEST) - noise**2) ** 0.5)
