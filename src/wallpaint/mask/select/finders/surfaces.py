"""Oversegmentation of a photo into a few thousand pieces, and the probability that two neighbours are one surface.

Pieces are watershed basins (Meyer, "Color image segmentation", ICIP 1992), one for each cell of a grid, so that no
edge of the picture runs through them. Two pieces are compared by the mean contrast along their whole border. A gap in
an edge, through which growing pixel by pixel would leak, hardly changes that mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from wallpaint.color import srgb_to_lab

REFERENCE_LIGHTNESS = 66.0  #: L* at which a* and b* are stated
_DARKEST = 6.0  # L* below which chromaticity is noise
_PIECES = 1800  # approximate number of pieces

# Logistic regression on borders between pieces of rendered rooms (see docs/selection.md). Log odds that the wall ends
# at a border: weights of ln(1 + difference) in L* at the border, in mean L* and in mean a*b*.
_END_WEIGHTS = np.array([1.18, 0.65, 1.70])
_END_OFFSET = -6.8


def paint_coordinates(pixels: np.ndarray) -> np.ndarray:
    """Colours in coordinates that separate paint from light: L*, and a* and b* scaled to one lightness.

    More light on a surface multiplies CIELAB's three cube roots by the same factor, so a* and b* grow in proportion to
    L* + 16. Scaled to one lightness they depend on the paint alone.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.

    Returns
    -------
    (H, W, 3) float32
        L*; a* and b* at `REFERENCE_LIGHTNESS`; after a bilateral filter.
    """
    lab = cv2.bilateralFilter(srgb_to_lab(pixels.astype(np.float32) / 255), 5, 5.0, 1.5)
    lightness = lab[..., :1]
    gain = (REFERENCE_LIGHTNESS + 16) / (np.maximum(lightness, _DARKEST) + 16)
    return np.concatenate([lightness, lab[..., 1:] * gain], axis=-1).astype(np.float32)


def as_bytes(coordinates: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: paint coordinates in steps of about 0.5, for OpenCV's functions that take only bytes."""
    return np.clip(coordinates * (2.5, 2, 2) + (0, 128, 128), 0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Pieces of surface and the borders between them.

    Attributes
    ----------
    piece : (H, W) int
        Index of each pixel's piece, 0 … N − 1.
    paint : (N, 3) float
        Mean colour of each piece in `paint_coordinates`.
    first, second : (M,) int
        The two pieces of each border.
    length : (M,) float
        Length of each border in pixels.
    crossing_cost : (M,) float
        −ln of the probability that both pieces of each border are one surface, > 0.
    """

    piece: np.ndarray
    paint: np.ndarray
    first: np.ndarray
    second: np.ndarray
    length: np.ndarray
    crossing_cost: np.ndarray

    def __len__(self) -> int:
        return len(self.paint)

    def path_costs(self, seed: int, extra_cost: np.ndarray) -> np.ndarray:
        """(N,) float: lowest total cost of a path from piece `seed` to each piece.

        extra_cost : (M,) float ≥ 0, added to the crossing cost of each border.
        """
        return np.asarray(dijkstra(self._joined(self.crossing_cost + extra_cost), indices=seed))

    def nearest(self, chosen: np.ndarray) -> np.ndarray:
        """(N,) int: the chosen piece from which each piece is reached at the lowest cost.

        chosen : (K,) int, at least one.
        """
        return np.asarray(dijkstra(self._reluctances, indices=chosen, min_only=True, return_predecessors=True)[2])

    def mean_around(self, values: np.ndarray) -> np.ndarray:
        """(N,) float: for each piece the weighted sum of its neighbours' values.

        A weight is the neighbour's share of the piece's outline times the probability that both are one surface.
        values : (N,) float.
        """
        return np.asarray(self._sharing @ values)

    @cached_property
    def _reluctances(self) -> csr_array:
        return self._joined(self.crossing_cost)

    @cached_property
    def _sharing(self) -> csr_array:
        outline = np.maximum(self._joined(self.length).sum(axis=1), 1)
        shared = self._joined(self.length * np.exp(-self.crossing_cost))
        return csr_array(shared.multiply(1 / outline[:, None]))

    def _joined(self, values: np.ndarray) -> csr_array:
        """(N, N) symmetric sparse matrix with a value for each border."""
        half = coo_array((values, (self.first, self.second)), shape=(len(self), len(self)))
        return csr_array(half + half.T)


def find_surfaces(coordinates: np.ndarray) -> Surfaces:
    """Divide a picture into pieces of surface. coordinates : (H, W, 3) float32, from `paint_coordinates`."""
    piece = _basins(coordinates, _PIECES)
    area = np.bincount(piece.ravel())
    paint = np.stack([np.bincount(piece.ravel(), plane.ravel()) / area for plane in cv2.split(coordinates)], axis=-1)
    first, second, length, step = _borders(piece, coordinates[..., 0])
    return Surfaces(piece, paint, first, second, length, crossing_cost(paint[first] - paint[second], step))


def crossing_cost(difference: np.ndarray, step: np.ndarray) -> np.ndarray:
    """(M,) float > 0: −ln of the probability that the two sides of a border are one surface.

    Parameters
    ----------
    difference : (M, 3) float
        Difference of the two sides in `paint_coordinates`.
    step : (M,) float
        Difference of L* right at the border.
    """
    lightness, chroma = np.abs(difference[:, 0]), np.hypot(difference[:, 1], difference[:, 2])
    log_odds = np.log1p(np.stack([np.abs(step), lightness, chroma], axis=-1)) @ _END_WEIGHTS + _END_OFFSET
    return np.logaddexp(0, log_odds)


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
    framed = cv2.copyMakeBorder(as_bytes(coordinates), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    basins = cv2.watershed(framed, np.pad(markers, 1))[1:-1, 1:-1]  # OpenCV leaves the outermost pixels unlabelled
    while (line := basins < 1).any():  # OpenCV labels the lines between basins -1: give them to a neighbouring basin
        neighbour = cv2.dilate(np.maximum(basins, 0).astype(np.float32), np.ones((3, 3), np.uint8))
        basins = np.where(line, neighbour.astype(np.int32), basins)
    return np.unique(basins, return_inverse=True)[1].reshape(height, width)


def _slope(coordinates: np.ndarray) -> np.ndarray:
    across, down = (cv2.Sobel(coordinates, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    return cv2.GaussianBlur(np.sqrt((across**2 + down**2).sum(axis=-1)), (0, 0), 0.7)


def _borders(piece: np.ndarray, lightness: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of touching pieces, the length of their border, and the mean signed step of lightness across it."""
    count = int(piece.max()) + 1
    pair, step = (np.concatenate(parts) for parts in zip(*_crossings(piece, lightness, count), strict=True))
    pairs, place, length = np.unique(pair, return_inverse=True, return_counts=True)
    return pairs // count, pairs % count, length.astype(float), np.bincount(place, step) / length


def _crossings(piece: np.ndarray, lightness: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each two neighbouring pixels of different pieces: the pair as one number, and the step of lightness."""
    found = []
    for labels, light in ((piece, lightness), (piece.T, lightness.T)):
        here, there = labels[:-1], labels[1:]
        wide = np.pad(light, ((1, 1), (0, 0)), mode="edge")
        step = wide[3:] - wide[:-3]  # from the second pixel on one side to the second on the other
        crosses = here != there
        low, high = np.minimum(here, there)[crosses], np.maximum(here, there)[crosses]
        found.append((low * count + high, (step * np.where(here < there, 1, -1))[crosses]))
    return found
