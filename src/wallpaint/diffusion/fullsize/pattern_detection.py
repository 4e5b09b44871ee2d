"""Pattern detection: whether a wall is plain, so that its fine detail stays under new paint, or has a pattern."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.albedo.noise import noise_level
from wallpaint.color import linear_to_srgb, srgb_to_lab
from wallpaint.diffusion.fullsize.crop import Crop
from wallpaint.mask import WallRegion, mean_around

PATTERN_THRESHOLD = 0.4  #: contrast in CIELAB units from which a wall counts as patterned

_GRID = 128  # side of a square crop in cells: plaster averages out, the motifs of a pattern do not
_FINE, _COARSE, _AROUND = 0.7, 2.0, 4.0  # cells: standard deviations of the band-pass filter and of its local energy
_QUANTILE = 0.2  # of the local energies; edges of shadows are sharp but few, a pattern is everywhere
_CHROMA = 0.3  # weight of a* and b*: chroma noise is strong, and JPEG spreads it over blocks that averaging keeps
_NOISE = 0.4  # CIELAB units in that band for one byte of noise, if a cell is one pixel of the photo
_PURE = 0.999


def is_plain(pixels: np.ndarray, region: WallRegion, crop: Crop) -> bool:
    """Whether a wall has no pattern: `pattern_contrast` below `PATTERN_THRESHOLD`.

    Errors on rendered rooms: 0.7 % of 139 plain walls are called patterned with simulated camera noise, none without;
    13 to 19 % of 31 patterned walls, the faintest ones, are called plain (``python benchmarks/detail.py``;
    docs/detail.md).
    """
    return pattern_contrast(pixels, region, crop) < PATTERN_THRESHOLD


def pattern_contrast(pixels: np.ndarray, region: WallRegion, crop: Crop) -> float:
    """Contrast of a wall at scales of 1 to 3 % of its crop, in its most uniform parts, without its noise.

    The wall is averaged on a grid of 128² cells and band-pass filtered in CIELAB by normalized convolution over pure
    wall. The result is the 20th percentile of the local root mean squares, minus the remaining noise (in squares).

    pixels : (H, W, 3) uint8 sRGB.

    Returns
    -------
    float
        CIELAB units, ≥ 0; 0 if no cell is completely wall.
    """
    window, pure = pixels[region.window], region.pure_window
    grid = crop.regridded(_GRID)
    light, share = grid.shrink_light(window, pure)
    inner = cv2.erode((share >= _PURE).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    if not inner.any():
        return 0.0
    lab = srgb_to_lab(linear_to_srgb(light)).astype(np.float32)
    weight = inner.astype(np.float32)
    band = mean_around(lab, weight, _FINE)[0] - mean_around(lab, weight, _COARSE)[0]
    energy, _ = mean_around((band**2 * (1, _CHROMA**2, _CHROMA**2)).sum(axis=-1).astype(np.float32), weight, _AROUND)
    noise = _NOISE * noise_level(window, pure) / max(grid.reduction, 1)
    return float(max(0.0, np.quantile(energy[inner], _QUANTILE) - noise**2) ** 0.5)
