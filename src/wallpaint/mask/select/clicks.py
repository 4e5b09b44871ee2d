"""Wall selection from clicks, without a trained model: surfaces grown from the clicks, outlines refined by GrabCut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask import EDGES, Edges, find_region
from wallpaint.mask.select.growth import CERTAIN, grow, smooth_log_odds
from wallpaint.mask.select.outline_snapping import snap_outline
from wallpaint.mask.select.surfaces import as_bytes, find_surfaces, paint_coordinates
from wallpaint.photo import as_photo

WORKING_SIDE = 640  #: pixels on the longer side of the reduced picture in which surfaces are found
_POINT = 0.004  # of that side: half the side of the square whose median is the colour at a click


@dataclass(frozen=True)
class Click:
    """A point of a photo, marked as wall or as not wall.

    Attributes
    ----------
    row, column : int
        Pixels from the top left, from 0.
    keep : bool
        True for wall, False for anything else.
    """

    row: int
    column: int
    keep: bool = True


class WallSelector:
    """Wall selection in one photo; the photo is analysed once, for any number of calls with other clicks.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB, upright.

    Raises
    ------
    UnreadableImageError
        `pixels` is not an (H, W, 3) uint8 array.

    Notes
    -----
    Works on the photo reduced to `WORKING_SIDE`; masks have the photo's size. The order of the clicks does not matter.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = as_photo(pixels)
        self._coordinates = paint_coordinates(_reduced(pixels, WORKING_SIDE))
        self._surfaces = find_surfaces(self._coordinates)
        self._grown: dict[tuple[int, int], np.ndarray] = {}

    def select(self, clicks: Sequence[Click], *, edges: Edges = "refined") -> np.ndarray:
        """Mask of the wall at some clicks.

        Parameters
        ----------
        clicks : sequence of Click
            At least one with `keep`.
        edges : {"refined", "hard"}
            "refined" estimates the wall's share of each edge pixel by matting, as painting does. "hard" gives only 0
            and 1, which is many times faster on large photos; painting refines such a mask itself.

        Returns
        -------
        (H, W) float32
            [0, 1], 1 is wall.

        Raises
        ------
        SettingError
            No click has `keep`, a click is outside the photo, or `edges` has another value.
        """
        if edges not in EDGES:
            raise SettingError(f"edges cannot be {edges!r}: choose {' or '.join(EDGES)}.")
        mask = self._enlarged(self._wall(clicks))
        if edges == "hard" or not 0 < np.count_nonzero(mask) < mask.size:
            return mask
        return find_region(self.pixels, mask).alpha

    def correct(self, mask: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
        """An existing mask, with the surfaces at the clicks added (`keep`) or removed.

        Parameters
        ----------
        mask : (H, W) float32
            [0, 1], 1 is wall; of the photo's size.
        clicks : sequence of Click

        Returns
        -------
        (H, W) float32
            1 on added surfaces, 0 on removed ones, the mask's own value elsewhere.

        Raises
        ------
        SettingError
            A click is outside the photo.
        """
        corrected = mask.astype(np.float32)
        for keep in (True, False):
            if any(click.keep == keep for click in clicks):
                surface = self._wall([click if keep else replace(click, keep=not click.keep) for click in clicks])
                corrected[self._enlarged(surface) > 0] = keep
        return corrected

    def _wall(self, clicks: Sequence[Click]) -> np.ndarray:
        """(h, w) bool in the reduced picture: more likely wall than not, and than the surfaces of removing clicks."""
        keeps, drops = ([self._place(click) for click in clicks if click.keep == keep] for keep in (True, False))
        if not keeps:
            raise SettingError("none of the clicks marks wall: keep at least one point of it.")
        wall = np.max([self._log_odds(place) for place in keeps], axis=0)
        if drops:
            wall = np.minimum(wall, wall - np.max([self._log_odds(place) for place in drops], axis=0))
        piece, marked = self._surfaces.piece, np.zeros(self._surfaces.piece.shape, np.int8)
        for sign, places in ((1, keeps), (-1, drops)):
            for place in places:
                marked[place] = sign
                wall[piece[place]] = sign * CERTAIN
        return snap_outline(as_bytes(self._coordinates), (smooth_log_odds(self._surfaces, wall) > 0)[piece], marked)

    def _log_odds(self, place: tuple[int, int]) -> np.ndarray:
        """(N,) float: log odds that each piece belongs to the surface at a place in the reduced picture."""
        if place not in self._grown:
            (row, column), reach = place, max(1, round(_POINT * max(self._coordinates.shape)))
            around = (slice(max(0, at - reach), at + reach + 1) for at in (row, column))
            paint = np.median(self._coordinates[tuple(around)].reshape(-1, 3), axis=0)
            self._grown[place] = grow(self._surfaces, int(self._surfaces.piece[place]), paint)
        return self._grown[place]

    def _place(self, click: Click) -> tuple[int, int]:
        """(row, column) of a click in the reduced picture."""
        height, width = self.pixels.shape[:2]
        if not (0 <= click.row < height and 0 <= click.column < width):
            raise SettingError(
                f"the click at {click.column},{click.row} lies outside the photo: "
                f"choose 0 to {width - 1} across and 0 to {height - 1} down."
            )
        small = self._coordinates.shape
        return int((click.row + 0.5) * small[0] / height), int((click.column + 0.5) * small[1] / width)

    def _enlarged(self, wall: np.ndarray) -> np.ndarray:
        """(H, W) float32, 0 or 1: a mask of the reduced picture at the photo's size, with a smoothed outline."""
        height, width = self.pixels.shape[:2]
        enlarged = cv2.resize(wall.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        return (enlarged > 0.5).astype(np.float32)


def _reduced(pixels: np.ndarray, longest: int) -> np.ndarray:
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
