"""A photo as a few thousand pieces of surface, and how likely it is that one piece goes on in the next.

Pieces are watershed basins (Meyer, "Color image segmentation", ICIP 1992), one for each cell of a grid, so that no
edge of the picture runs through them. What counts between two of them is the mean contrast along their whole border:
a gap in an edge, through which growth pixel by pixel would leak, hardly changes it.
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
_PIECES = 1800

# Of a logistic regression on the borders between pieces in rendered rooms (see docs/selection.md): the log odds that
# the wall ends at a border, from ln(1 + difference) in L* at the border, in mean L* and in mean a*b*.
_END_WEIGHTS = np.array([1.18, 0.65, 1.70])
_END_OFFSET = -6.8


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


def as_bytes(coordinates: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: paint coordinates in steps of about a half, for OpenCV's functions that take bytes alone."""
    return np.clip(coordinates * (2.5, 2, 2) + (0, 128, 128), 0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
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
    length : (M,) float
        Of the border in pixels.
    crossing_cost : (M,) float
        −ln of the probability that a surface goes on beyond the border, > 0.
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
        """(N,) float: −ln of the probability that the surface of piece `seed` reaches each piece, along the best way.

        extra_cost : (M,) float ≥ 0, what crossing each border costs besides its crossing_cost.
        """
        return np.asarray(dijkstra(self._joined(self.crossing_cost + extra_cost), indices=seed))

    def nearest(self, chosen: np.ndarray) -> np.ndarray:
        """(N,) int: the one of the chosen pieces from which each piece is reached with the least crossing_cost.

        chosen : (K,) int, at least one.
        """
        return np.asarray(dijkstra(self._reluctances, indices=chosen, min_only=True, return_predecessors=True)[2])

    def mean_around(self, values: np.ndarray) -> np.ndarray:
        """(N,) float: for each piece the mean of its neighbours' values, by their share of its outline and the
        probability that the surface goes on there. values : (N,) float."""
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
        """(N, N) symmetric: a value for each border."""
        half = coo_array((values, (self.first, self.second)), shape=(len(self), len(self)))
        return csr_array(half + half.T)


def find_surfaces(coordinates: np.ndarray) -> Surfaces:
    """Cut a picture into surfaces. coordinates : (H, W, 3) float32, of `paint_coordinates`."""
    piece = _basins(coordinates, _PIECES)
    area = np.bincount(piece.ravel())
    paint = np.stack([np.bincount(piece.ravel(), plane.ravel()) / area for plane in cv2.split(coordinates)], axis=-1)
    first, second, length, step = _borders(piece, coordinates[..., 0])
    return Surfaces(piece, paint, first, second, length, crossing_cost(paint[first] - paint[second], step))


def crossing_cost(difference: np.ndarray, step: np.ndarray) -> np.ndarray:
    """(M,) float > 0: −ln of the probability that a surface goes on beyond a border.

    difference : (M, 3), in `paint_coordinates`; step : (M,), of L* right at the border.
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
    basins = cv2.watershed(framed, np.pad(markers, 1))[1:-1, 1:-1]  # it leaves out the outermost pixels
    while (line := basins < 1).any():  # the watersheds themselves belong to a basin beside them
        beside = cv2.dilate(np.maximum(basins, 0).astype(np.float32), np.ones((3, 3), np.uint8))
        basins = np.where(line, beside.astype(np.int32), basins)
    return np.unique(basins, return_inverse=True)[1].reshape(height, width)


def _slope(coordinates: np.ndarray) -> np.ndarray:
    across, down = (cv2.Sobel(coordinates, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    return cv2.GaussianBlur(np.sqrt((across**2 + down**2).sum(axis=-1)), (0, 0), 0.7)


def _borders(piece: np.ndarray, lightness: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of pieces that touch, the length of their border, and the mean signed step of lightness across it."""
    count = int(piece.max()) + 1
    pair, step = (np.concatenate(parts) for parts in zip(*_crossings(piece, lightness, count), strict=True))
    pairs, place, length = np.unique(pair, return_inverse=True, return_counts=True)
    return pairs // count, pairs % count, length.astype(float), np.bincount(place, step) / length


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
