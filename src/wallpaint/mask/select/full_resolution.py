"""A wall at low resolution brought to the photo's own pixels, along the photo's own edges.

He & Sun, "Fast Guided Filter", arXiv:1505.00996, 2015: near each pixel the probability is fitted as a linear function
of the photo's colour. The coefficients are smooth, so they are computed on a reduced photo and enlarged; applied to the
photo's own pixels they follow its edges.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 640  #: pixels on the longer side of the reduced photo in which coefficients are fitted
_RADIUS = 9  # of the window of a fit, in pixels of the reduced photo
_VARIANCE = 3e-4  # colour variance, sRGB in [0, 1], below which a window counts as one colour
_CERTAIN = 0.25  # a tile whose fitted probability stays this far from 0.5 has no outline in it
_TILE = 64  # pixels of the photo


def at_full_resolution(pixels: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The wall at the photo's resolution.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    probability : (h, w) float32
        Of wall, in [0, 1], of any size.

    Returns
    -------
    (H, W) float32
        0 or 1.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    guide = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    coarse = cv2.resize(probability.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    coefficients = _coefficients(guide, np.clip(coarse, 0, 1))
    fitted = _applied(coefficients, guide)
    result = cv2.resize((fitted > 0.5).astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    for row, column in np.argwhere(_outline_tiles(fitted, (height, width))):
        top, left = row * _TILE, column * _TILE
        tile = (slice(top, min(height, top + _TILE)), slice(left, min(width, left + _TILE)))
        result[tile] = _tile(pixels, coefficients, tile)
    return result


def _outline_tiles(fitted: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(rows, columns) bool: the tiles of the photo in which the outline may run."""
    unsure = cv2.dilate((np.abs(fitted - 0.5) < _CERTAIN).astype(np.uint8), np.ones((5, 5), np.uint8))
    steps = cv2.morphologyEx((fitted > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    rows, columns = np.nonzero(cv2.bitwise_or(unsure, steps))
    tiles = np.zeros(tuple(-(-length // _TILE) for length in shape), bool)
    for after in (0, 1):  # the first and the last pixel of the photo under each pixel of the reduced one
        down, across = (
            np.minimum((index + after) * large // small, large - 1) // _TILE
            for index, large, small in zip((rows, columns), shape, fitted.shape, strict=True)
        )
        tiles[down, across] = True
    return tiles


def _tile(pixels: np.ndarray, coefficients: np.ndarray, tile: tuple[slice, slice]) -> np.ndarray:
    """One tile of the result."""
    factors = [small / large for small, large in zip(coefficients.shape, pixels.shape, strict=False)][:2]
    near = tuple(
        slice(max(0, int(part.start * factor) - 2), int(np.ceil(part.stop * factor)) + 2)
        for part, factor in zip(tile, factors, strict=True)
    )
    rows, columns = (
        (np.arange(part.start, part.stop, dtype=np.float32) + 0.5) * factor - 0.5 - around.start
        for part, factor, around in zip(tile, factors, near, strict=True)
    )
    shape = (len(rows), len(columns))
    enlarged = cv2.remap(
        coefficients[near],
        np.broadcast_to(columns, shape).astype(np.float32),
        np.broadcast_to(rows[:, None], shape).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return (_applied(enlarged, pixels[tile].astype(np.float32) / 255) > 0.5).astype(np.float32)


def _applied(coefficients: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """(h, w): three slopes times the colour, plus the offset."""
    return np.asarray(np.einsum("hwc,hwc->hw", coefficients[..., :3], colors) + coefficients[..., 3])


def _coefficients(guide: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(h, w, 4): three slopes and the offset of the linear fit around each pixel.

    He, Sun & Tang, "Guided Image Filtering", TPAMI 2013, eq. 19 and 20.
    """

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
    return mean(np.concatenate([slope, offset[..., None]], axis=-1))


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
