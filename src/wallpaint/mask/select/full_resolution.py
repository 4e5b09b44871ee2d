"""A probability at low resolution brought to the photo's own pixels, along the photo's own edges.

He & Sun, "Fast Guided Filter", arXiv:1505.00996, 2015: near each pixel the probability is fitted as a linear function
of the photo's colour. The coefficients are smooth, so they are computed on a reduced photo and enlarged; applied to the
photo's own pixels they follow its edges.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 768  #: pixels on the longer side of the reduced photo in which coefficients are fitted
_RADIUS = 10  # of the window of a fit, in pixels of the reduced photo
_VARIANCE = 3e-4  # colour variance, sRGB in [0, 1], below which a window counts as one colour
_UNSURE = 0.02  # tiles whose probability is within this of 0 or 1 need no fit
_TILE = 128  # pixels of the photo


def at_full_resolution(pixels: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Bring a probability to the photo's resolution.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    probability : (h, w) float32
        In [0, 1], of any size.

    Returns
    -------
    (H, W) float32
        In [0, 1].
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    guide = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    coarse = cv2.resize(probability.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    slope, offset = _coefficients(guide, np.clip(coarse, 0, 1))
    fitted = (slope * guide).sum(-1) + offset
    result = np.empty((height, width), np.float32)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            tile = (slice(top, min(height, top + _TILE)), slice(left, min(width, left + _TILE)))
            result[tile] = _tile(pixels, slope, offset, fitted, coarse, tile)
    return result


def _tile(
    pixels: np.ndarray,
    slope: np.ndarray,
    offset: np.ndarray,
    fitted: np.ndarray,
    coarse: np.ndarray,
    tile: tuple[slice, slice],
) -> np.ndarray | float:
    """One tile of the result."""
    starts = [part.start * small / large for part, small, large in zip(tile, offset.shape, pixels.shape, strict=False)]
    stops = [part.stop * small / large for part, small, large in zip(tile, offset.shape, pixels.shape, strict=False)]
    around = tuple(
        slice(max(0, int(start) - 2), int(np.ceil(stop)) + 2) for start, stop in zip(starts, stops, strict=True)
    )
    low, high = fitted[around].min(), fitted[around].max()
    if high < _UNSURE or low > 1 - _UNSURE:
        return 0.0 if high < _UNSURE else 1.0
    rows, columns = (
        ((np.arange(part.start, part.stop, dtype=np.float32) + 0.5) * small / large - 0.5 - near.start)
        for part, small, large, near in zip(tile, offset.shape, pixels.shape, around, strict=False)
    )
    grid = np.meshgrid(columns, rows)
    planes = np.concatenate([slope[around], offset[around][..., None]], axis=-1)
    enlarged = cv2.remap(
        planes,
        grid[0].astype(np.float32),
        grid[1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    colors = pixels[tile].astype(np.float32) / 255
    return np.clip((enlarged[..., :3] * colors).sum(-1) + enlarged[..., 3], 0, 1)


def _coefficients(guide: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope (h, w, 3) and offset (h, w) of the linear fit around each pixel; He, Sun & Tang, TPAMI 2013, eq. 19-20."""

    def mean(plane: np.ndarray) -> np.ndarray:
        side = 2 * _RADIUS + 1
        return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT_101))

    middle, level = mean(guide), mean(values)
    products = mean(np.stack([guide[..., i] * guide[..., j] for i, j in _PAIRS[:3]], axis=-1))
    others = mean(np.stack([guide[..., i] * guide[..., j] for i, j in _PAIRS[3:]], axis=-1))
    variance = np.concatenate([products, others], axis=-1) - np.stack(
        [middle[..., i] * middle[..., j] for i, j in _PAIRS], axis=-1
    )
    covariance = mean(guide * values[..., None]) - middle * level[..., None]
    slope = _solved(variance, covariance)
    offset = level - (slope * middle).sum(-1)
    return mean(slope), mean(offset)


_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def _solved(variance: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """x of the symmetric 3×3 systems (V + ε) x = c, by cofactors; V as its six different entries."""
    a, b, c, d, e, f = (variance[..., index] for index in range(6))
    a, d, f = a + _VARIANCE, d + _VARIANCE, f + _VARIANCE
    inverse = (d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b)
    determinant = a * inverse[0] + b * inverse[1] + c * inverse[2]
    x, y, z = (covariance[..., index] for index in range(3))
    rows = (
        inverse[0] * x + inverse[1] * y + inverse[2] * z,
        inverse[1] * x + inverse[3] * y + inverse[4] * z,
        inverse[2] * x + inverse[4] * y + inverse[5] * z,
    )
    return np.asarray(np.stack(rows, axis=-1) / determinant[..., None])
