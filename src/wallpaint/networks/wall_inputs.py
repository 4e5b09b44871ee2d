"""Inputs of the wall networks: a photo, and the maps of its clicks; the same for training and inference.

The first network, "look", sees the photo alone, once. The second, "click", sees the first one's features and the
clicks, and runs again for every click.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

SIDE = 384  #: pixels of the reduced photo's longer side
MULTIPLE = 32  #: height and width of the reduced photo are multiples of this
STRIDE = 4  #: pixels of the reduced photo for each cell of the features and of the click maps
PAINT_CHANNELS = 32  #: of the embedding in which surfaces of one paint are alike
PLANE_CHANNELS = 16  #: of the embedding in which one flat surface is alike
FEATURES = 64  #: channels of the features
CLICK_MAPS = 7  #: maps that describe the clicks, see `click_maps`
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's sRGB, on which the encoder's authors trained
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_NEAR, _WIDE = 1.5, 8.0  # standard deviations of a click's two spots, in cells
_ABSENT = -1.0  # similarity to clicks of a kind of which there is none

Cell = tuple[int, int]  #: (row, column) in the features


def reduced_photo(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The photo at the size the network sees.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
    side : int
        Longer side in pixels.

    Returns
    -------
    (h, w, 3) uint8
        Both sides multiples of 32; the aspect changes a little.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = tuple(max(MULTIPLE, round(length * scale / MULTIPLE) * MULTIPLE) for length in (width, height))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size[0], size[1]), interpolation=method))


def photo_input(reduced: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 sRGB → (3, h, w) float32, normalized."""
    normalized = (reduced.astype(np.float32) / 255 - _MEAN) / _DEVIATION
    return np.ascontiguousarray(normalized.transpose(2, 0, 1))


def click_maps(
    similarities: tuple[np.ndarray | None, np.ndarray | None],
    keeps: Sequence[Cell],
    drops: Sequence[Cell],
    previous: np.ndarray,
) -> np.ndarray:
    """Maps that describe the clicks to the network.

    Parameters
    ----------
    similarities : pair of (h, w) float, or None
        Cosine of the angle between each cell's paint embedding and the most similar keeping click's, and the most
        similar removing click's.
    keeps, drops : sequences of (row, column)
        Cells of the clicks.
    previous : (h, w) float
        Probability of wall after the clicks before, [0, 1]; 0 for the first.

    Returns
    -------
    (7, h, w) float32
        Similarity to keeps and drops; a small and a wide spot around each keep; the same for drops; `previous`.
    """
    shape = previous.shape
    maps = np.empty((CLICK_MAPS, *shape), np.float32)
    for index, similarity in enumerate(similarities):
        maps[index] = _ABSENT if similarity is None else similarity
    for index, cells in ((2, keeps), (4, drops)):
        maps[index] = _spots(shape, cells, _NEAR)
        maps[index + 1] = _spots(shape, cells, _WIDE)
    maps[6] = previous
    return maps


def similarity(embedding: np.ndarray, cells: Sequence[Cell]) -> np.ndarray | None:
    """Highest cosine between each cell's embedding and those of some cells.

    Parameters
    ----------
    embedding : (C, h, w) float
        Vectors of length 1.
    cells : sequence of (row, column)

    Returns
    -------
    (h, w) float32, [-1, 1], or None
        None without cells.
    """
    if not cells:
        return None
    vectors = np.stack([embedding[:, row, column] for row, column in cells])
    return np.asarray(np.tensordot(vectors, embedding, axes=1).max(0))


def _spots(shape: tuple[int, ...], cells: Sequence[Cell], deviation: float) -> np.ndarray:
    """(h, w) float32 in [0, 1]: a Gaussian spot around each cell, the largest where they overlap."""
    spots = np.zeros(shape, np.float32)
    for row, column in cells:
        down, across = (
            np.exp(-0.5 * ((np.arange(length, dtype=np.float32) - at) / deviation) ** 2)
            for length, at in zip(shape, (row, column), strict=True)
        )
        np.maximum(spots, down[:, None] * across, out=spots)
    return spots
