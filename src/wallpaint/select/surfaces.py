"""A photo as a few thousand pieces of surface, and how likely it is that one piece goes on in the next.

Pieces are watershed basins (Meyer, "Color image segmentation", ICIP 1992), one for each cell of a grid, so that no
border of the picture runs through them. What counts between two of them is the mean contrast along their whole border:
a gap in an edge, through which growth pixel by pixel would leak, hardly changes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from wallpaint.color import srgb_to_lab

REFERENCE_LIGHTNESS = 66.0  #: L* at which a* and b* are stated
_DARKEST = 6.0  # L* below which chromaticity is noise
_PIECES = 1800

# Of a logistic regression on the borders in rendered rooms (benchmarks/selection.py --fit): the log odds that the wall
# ends at a border are these times ln(1 + difference), in L* at the border, in mean L*, in mean a*b*; plus an offset.
_BORDER_WEIGHTS = np.array([1.18, 0.65, 1.70])
_BORDER_OFFSET = -6.8
_FOREIGN = 8.0  # a*b* distance from the seed up to which a piece may be the same paint in another light


def paint_coordinates(pixels: np.ndarray) -> np.ndarray:
    """Colours in coordinates of which light changes but one.

    With the light on a surface, all of CIELAB's cube roots grow by the same factor, hence a* and b* in proportion to
    L* + 16. Stated at one lightness they belong to the paint alone.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.

    Returns
    -------
    (H, W, 3) float32
        L*; a* and b* at `REFERENCE_LIGHTNESS`. Noise is smoothed, edges are kept.
    """
    lab = cv2.bilateralFilter(srgb_to_lab(pixels.astype(np.float32) / 255), 5, 5.0, 1.5)
    lightness = lab[..., :1]
    gain = (REFERENCE_LIGHTNESS + 16) / (np.maximum(lightness, _DARKEST) + 16)
    return np.concatenate([lightness, lab[..., 1:] * gain], axis=-1).astype(np.float32)


@dataclass(frozen=True)
class Surfaces:
    """Pieces of surface and the borders between them.

    Attributes
    ----------
    piece : (H, W) int
        The piece each pixel belongs to, 0 … N − 1.
    paint : (N, 3) float
        Mean of each piece in `paint_coordinates`.
    first, second : (M,) int
        The pieces at each border.
    reluctance : (M,) float
        −ln of the probability that a wall goes on beyond the border, > 0.
    """

    piece: np.ndarray
    paint: np.ndarray
    first: np.ndarray
    second: np.ndarray
    reluctance: np.ndarray

    def grow(self, seed: int) -> np.ndarray:
        """(N,) float: −ln of the probability that the surface of piece `seed` reaches each piece.

        Along the best path (Dijkstra 1959), at whose steps also pieces of a foreign colour are charged for.
        """
        foreign = np.maximum(0, np.hypot(*(self.paint - self.paint[seed])[:, 1:].T) / _FOREIGN - 1) ** 2
        cost = self.reluctance + 0.05 * (foreign[self.first] + foreign[self.second])
        count = len(self.paint)
        graph = coo_array((cost, (self.first, self.second)), shape=(count, count)).tocsr()
        return dijkstra(graph, directed=False, indices=seed)


def find_surfaces(coordinates: np.ndarray) -> Surfaces:
    """Cut a picture into surfaces. coordinates : (H, W, 3) float32, of `paint_coordinates`."""
    piece = _basins(coordinates, _PIECES)
    area = np.bincount(piece.ravel())
    paint = np.stack([np.bincount(piece.ravel(), plane.ravel()) / area for plane in cv2.split(coordinates)], axis=-1)
    first, second, step = _borders(piece, coordinates[..., 0])
    difference = np.abs(paint[first] - paint[second])
    contrast = np.stack([np.abs(step), difference[:, 0], np.hypot(difference[:, 1], difference[:, 2])], axis=-1)
    log_odds = np.log1p(contrast) @ _BORDER_WEIGHTS + _BORDER_OFFSET
    return Surfaces(piece, paint, first, second, np.logaddexp(0, log_odds) + 1e-5)


def as_bytes(coordinates: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: paint coordinates in steps of about a half, for OpenCV's functions that take bytes alone."""
    return np.clip(coordinates * (2.5, 2, 2) + (0, 128, 128), 0, 255).astype(np.uint8)


def _basins(coordinates: np.ndarray, count: int) -> np.ndarray:
    """(H, W) int: a basin around the flattest pixel of each cell of a grid of about `count` cells."""
    height, width = coordinates.shape[:2]
    side = max(3, round((height * width / count) ** 0.5))
    flattest = np.full((-(-height // side) * side, -(-width // side) * side), np.inf, np.float32)
    flattest[:height, :width] = _slope(coordinates)
    down, across = flattest.shape[0] // side, flattest.shape[1] // side
    place = flattest.reshape(down, side, across, side).swapaxes(1, 2).reshape(down, across, -1).argmin(axis=-1)
    rows = np.arange(down)[:, None] * side + place // side
    columns = np.arange(across) * side + place % side
    markers = np.zeros((height, width), np.int32)
    markers[rows, columns] = np.arange(1, down * across + 1).reshape(down, across)
    basins = cv2.watershed(as_bytes(coordinates), markers)
    while (line := basins < 1).any():  # watersheds themselves, and the picture's frame, belong to a basin beside them
        beside = cv2.dilate(np.maximum(basins, 0).astype(np.float32), np.ones((3, 3), np.uint8))
        basins = np.where(line, beside.astype(np.int32), basins)
    return np.unique(basins, return_inverse=True)[1].reshape(height, width)


def _slope(coordinates: np.ndarray) -> np.ndarray:
    across, down = (cv2.Sobel(coordinates, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    return cv2.GaussianBlur(np.sqrt((across**2 + down**2).sum(axis=-1)), (0, 0), 0.7)


def _borders(piece: np.ndarray, lightness: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of pieces that touch, and the mean signed step of lightness across their border."""
    count = int(piece.max()) + 1
    key, step = (np.concatenate(parts) for parts in zip(*_crossings(piece, lightness, count), strict=True))
    pairs, place, length = np.unique(key, return_inverse=True, return_counts=True)
    return pairs // count, pairs % count, np.bincount(place, step) / length


def _crossings(piece: np.ndarray, lightness: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where neighbouring pixels, beside or below each other, belong to two pieces: the pair, and the step."""
    found = []
    for labels, light in ((piece, lightness), (piece.T, lightness.T)):
        here, there = labels[:-1], labels[1:]
        wide = np.pad(light, ((1, 1), (0, 0)), mode="edge")
        step = wide[3:] - wide[:-3]  # from the second pixel on one side to the second on the other
        crosses = here != there
        low, high = np.minimum(here, there)[crosses], np.maximum(here, there)[crosses]
        found.append((low * count + high, (step * np.where(here < there, 1, -1))[crosses]))
    return found
