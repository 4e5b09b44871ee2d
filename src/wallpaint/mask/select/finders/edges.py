"""The finder without a network: surfaces grown from the clicks up to the edges of the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask.select.click import Click
from wallpaint.mask.select.finders.growth import CERTAIN, grow, smooth_log_odds
from wallpaint.mask.select.finders.outline_snapping import snap_outline
from wallpaint.mask.select.finders.surfaces import as_bytes, find_surfaces, paint_coordinates

WORKING_SIDE = 640  #: pixels on the longer side of the reduced picture in which surfaces are found
_POINT = 0.004  # of that side: half the side of the square whose median is the colour at a click


class EdgesFinder:
    """Finds the surfaces at clicks; it needs at least one that keeps."""

    automatic = False

    def look(self, pixels: np.ndarray) -> EdgesInPhoto:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB."""
        return EdgesInPhoto(pixels)


class EdgesInPhoto:
    """Surfaces of one photo, reduced to `WORKING_SIDE`. The order of the clicks does not matter.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB, upright.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self._size = pixels.shape[:2]
        self._coordinates = paint_coordinates(_reduced(pixels, WORKING_SIDE))
        self._surfaces = find_surfaces(self._coordinates)
        self._grown: dict[tuple[int, int], np.ndarray] = {}

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32, 0 or 1; see `PhotoFinder.wall`.

        Where all clicks remove, everything but their surfaces is wall. Raises `SettingError` without clicks and for
        `plane`.
        """
        if plane:
            raise SettingError("the finder 'edges' does not know planes: choose the finder 'rooms'.")
        small = self._coordinates.shape
        keeps, drops = (
            [click.scaled(self._size, small) for click in clicks if click.keep == keep] for keep in (True, False)
        )
        if not clicks:
            raise SettingError("this finder needs a click: keep at least one point of the wall (--keep X,Y).")
        if not keeps:
            return 1 - self.wall([replace(click, keep=True) for click in clicks])
        wall = np.max([self._log_odds(place) for place in keeps], axis=0)
        if drops:
            wall = np.minimum(wall, wall - np.max([self._log_odds(place) for place in drops], axis=0))
        piece, marked = self._surfaces.piece, np.zeros(self._surfaces.piece.shape, np.int8)
        for sign, places in ((1, keeps), (-1, drops)):
            for place in places:
                marked[place] = sign
                wall[piece[place]] = sign * CERTAIN
        found = (smooth_log_odds(self._surfaces, wall) > 0)[piece]
        return snap_outline(as_bytes(self._coordinates), found, marked).astype(np.float32)

    def _log_odds(self, place: tuple[int, int]) -> np.ndarray:
        """(N,) float: log odds that each piece belongs to the surface at a place in the reduced picture."""
        if place not in self._grown:
            (row, column), reach = place, max(1, round(_POINT * max(self._coordinates.shape)))
            around = (slice(max(0, at - reach), at + reach + 1) for at in (row, column))
            paint = np.median(self._coordinates[tuple(around)].reshape(-1, 3), axis=0)
            self._grown[place] = grow(self._surfaces, int(self._surfaces.piece[place]), paint)
        return self._grown[place]


def _reduced(pixels: np.ndarray, longest: int) -> np.ndarray:
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
