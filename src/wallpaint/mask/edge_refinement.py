"""Alpha along the edge of a binary mask, by one of two methods: closed-form matting, or the edge network.

The network corrects a mask that is off by up to 4 pixels. For a mask that is farther off it runs on the reduced photo
first, and then with what it found on larger ones, up to the photo itself; each time only on patches along the edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, get_args

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask.edge_scale import grid_cell
from wallpaint.mask.matting import band_width, edge_limits, refine_alpha
from wallpaint.networks.edge import EdgeNetwork, shipped_edge_network
from wallpaint.networks.edge_inputs import CONTEXT, PATCH, REACH

Refinement = Literal["matting", "network"]
REFINEMENTS: tuple[Refinement, ...] = get_args(Refinement)
DEFAULT_REFINEMENT: Refinement = "matting"

WIDEST = 64  #: pixels on either side of the edge that can be refined
_AT_ONCE = 6  # pixels; up to this width the photo itself is enough
_INNER = PATCH - 2 * CONTEXT  # side of the part of a patch that is used
_STEP = 4.2  # a photo is at most this many times as large as the reduced one before it
_FINER_REACH = 2  # pixels around edge pixels found before that are unknown in the next larger photo
_FLAT = 10  # difference between neighbours, of 255, up to which there is no edge
_CELLS = 1.25  # error of an enlarged mask in cells of its own grid
_TOGETHER = 256  # patches held in memory


def default_edge_width(mask: np.ndarray, refinement: Refinement = DEFAULT_REFINEMENT) -> int:
    """Pixels on either side of a binary mask's edge that are refined by default.

    The usual error of masks for the picture's size (`band_width`); for the network, which takes wide bands, more if the
    outline shows that the mask was made on a coarser grid.

    Parameters
    ----------
    mask : (H, W) float32 or bool
    refinement : {"matting", "network"}
    """
    width = band_width((mask.shape[0], mask.shape[1]))
    if refinement == "matting":
        return width
    return min(WIDEST, max(width, round(_CELLS * grid_cell(mask > 0.5))))


def refine_edges(
    pixels: np.ndarray,
    wall: np.ndarray,
    width: int,
    refinement: Refinement = DEFAULT_REFINEMENT,
    network: EdgeNetwork | None = None,
) -> np.ndarray:
    """Alpha of a binary mask, refined in a band along its edge.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    wall : (H, W) bool
    width : int
        Pixels on either side of the edge that are unknown.
    refinement : {"matting", "network"}
    network : EdgeNetwork, optional
        The shipped one by default.

    Returns
    -------
    (H, W) float32
        In [0, 1]; exactly the mask's 0 or 1 farther than `width` from its edge. Where the two sides of the edge have
        the same colour, the mask; by the network, with its outline straightened.

    Raises
    ------
    SettingError
        There is no such method.
    WeightsError
        The shipped network is missing or damaged.
    """
    if refinement not in REFINEMENTS:
        raise SettingError(f"edges cannot be refined by {refinement!r}: choose {' or '.join(REFINEMENTS)}.")
    if refinement == "matting":
        return refine_alpha(pixels, wall, width)
    if width < 1 or wall.all() or not wall.any():
        return wall.astype(np.float32)
    network = network or shipped_edge_network()
    found = wall.view(np.uint8) * np.uint8(255)
    scales = _scales(width)
    for scale in scales:
        size = tuple(max(1, round(length / scale)) for length in wall.shape[::-1])
        reduced = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        is_first = scale == scales[0]
        method = cv2.INTER_AREA if is_first else cv2.INTER_LINEAR
        prior = found if found.shape[::-1] == size else cv2.resize(found, size, interpolation=method)
        reach = math.ceil(width / scale) if is_first else _FINER_REACH
        found = _refined(reduced, prior, reach, network)
    alpha = found.astype(np.float32) / 255
    inner, outer = edge_limits(wall, width)
    alpha[inner] = 1
    alpha[~outer] = 0
    return alpha


def _scales(width: int) -> list[float]:
    """Factors by which the photo is reduced, from large to 1."""
    if width <= _AT_ONCE:
        return [1.0]
    first = width / REACH
    count = math.ceil(math.log(first) / math.log(_STEP))
    return [first ** (1 - number / count) for number in range(count)] + [1.0]


def _refined(pixels: np.ndarray, prior: np.ndarray, reach: int, network: EdgeNetwork) -> np.ndarray:
    """(H, W) uint8 alpha of one size; `prior` is refined where it has an edge, and up to `reach` pixels around."""
    edge = (cv2.morphologyEx(prior, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > _FLAT).astype(np.uint8)
    unknown = cv2.dilate(edge, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2))
    refined = np.where(prior >= 128, np.uint8(255), np.uint8(0))
    corners = list(_tiles(unknown))
    for first in range(0, len(corners), _TOGETHER):
        some = corners[first : first + _TOGETHER]
        patches = [(_patch(pixels, corner), _patch(prior, corner).astype(np.float32) / 255) for corner in some]
        alpha, _ = network.refine(patches)
        for (top, left), solved in zip(some, alpha, strict=True):
            tile = slice(top, top + _INNER), slice(left, left + _INNER)
            height, width = refined[tile].shape
            inner = solved[CONTEXT : CONTEXT + height, CONTEXT : CONTEXT + width]
            np.copyto(refined[tile], np.rint(255 * inner).astype(np.uint8), where=unknown[tile] > 0)
    return refined


def _tiles(unknown: np.ndarray) -> Iterator[tuple[int, int]]:
    """Top left corners of the tiles with an unknown pixel, which cover each such pixel once."""
    for top in range(0, unknown.shape[0], _INNER):
        columns = np.flatnonzero(unknown[top : top + _INNER].any(axis=0))
        while len(columns):
            left = int(columns[0])
            yield top, left
            columns = columns[columns >= left + _INNER]


def _patch(plane: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """(48, 48, …) part of a plane around the tile at a corner; its border is repeated beyond the picture."""
    height, width = plane.shape[:2]
    top, left = corner[0] - CONTEXT, corner[1] - CONTEXT
    rows = slice(max(0, top), min(height, top + PATCH))
    columns = slice(max(0, left), min(width, left + PATCH))
    part = plane[rows, columns]
    if part.shape[:2] == (PATCH, PATCH):
        return part
    above, before = rows.start - top, columns.start - left
    below, after = PATCH - above - part.shape[0], PATCH - before - part.shape[1]
    return cv2.copyMakeBorder(part, above, below, before, after, cv2.BORDER_REPLICATE)
