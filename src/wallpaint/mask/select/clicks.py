"""A wall from a few clicks, without any learned model: surfaces grown from the clicks, outlines cut by GrabCut."""

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

WORKING_SIDE = 640  #: pixels on the longer side of the picture that surfaces are looked for in
_POINT = 0.004  # of that side: the radius of what shows at a point


@dataclass(frozen=True)
class Click:
    """A point of a photo that is wall, or is not.

    row, column : pixels from the top left, from 0.
    keep : True for wall, False for anything else.
    """

    row: int
    column: int
    keep: bool = True


class WallSelector:
    """Looks at a photo once, then finds the wall for any clicks, as often as clicks are added or taken back.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB, upright.

    Raises
    ------
    UnreadableImageError
        It is no such array.

    Notes
    -----
    Works on the photo at `WORKING_SIDE`; masks have the photo's size. Equal clicks give equal masks, in any order.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = as_photo(pixels)
        self._coordinates = paint_coordinates(_reduced(pixels, WORKING_SIDE))
        self._surfaces = find_surfaces(self._coordinates)
        self._grown: dict[tuple[int, int], np.ndarray] = {}

    def select(self, clicks: Sequence[Click], *, edges: Edges = "refined") -> np.ndarray:
        """The wall that clicks mean.

        Parameters
        ----------
        clicks : sequence of Click
            At least one of them to keep.
        edges : {"refined", "hard"}
            The wall's share of each edge pixel by matting, as painting would estimate it; or 0 and 1 alone, which is
            many times faster on large photos, and which painting refines by itself.

        Returns
        -------
        (H, W) float32
            [0, 1], 1 is wall.

        Raises
        ------
        SettingError
            No click to keep, a click outside of the photo, or no such way to treat edges.
        """
        if edges not in EDGES:
            raise SettingError(f"edges cannot be {edges!r}: choose {' or '.join(EDGES)}.")
        mask = self._enlarged(self._wall(clicks))
        if edges == "hard" or not 0 < np.count_nonzero(mask) < mask.size:
            return mask
        return find_region(self.pixels, mask).alpha

    def correct(self, mask: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
        """A mask from elsewhere, with the surfaces at clicks to keep added and those at clicks to drop taken away.

        Parameters
        ----------
        mask : (H, W) float32
            [0, 1], of the photo's size.
        clicks : sequence of Click

        Returns
        -------
        (H, W) float32
            The mask's own value everywhere but on these surfaces, which are 1 or 0.

        Raises
        ------
        SettingError
            A click outside of the photo.
        """
        corrected = mask.astype(np.float32)
        for keep in (True, False):
            if any(click.keep == keep for click in clicks):
                surface = self._wall([click if keep else replace(click, keep=not click.keep) for click in clicks])
                corrected[self._enlarged(surface) > 0] = keep
        return corrected

    def _wall(self, clicks: Sequence[Click]) -> np.ndarray:
        """(h, w) bool, in the working picture: what is more likely wall than not, and than what was clicked away."""
        keeps, drops = ([self._place(click) for click in clicks if click.keep == keep] for keep in (True, False))
        if not keeps:
            raise SettingError("no click says where the wall is: keep at least one point of it.")
        wall = np.max([self._log_odds(place) for place in keeps], axis=0)
        if drops:
            wall = np.minimum(wall, wall - np.max([self._log_odds(place) for place in drops], axis=0))
        piece, said = self._surfaces.piece, np.zeros(self._surfaces.piece.shape, np.int8)
        for sign, places in ((1, keeps), (-1, drops)):
            for place in places:
                said[place] = sign
                wall[piece[place]] = sign * CERTAIN
        return snap_outline(as_bytes(self._coordinates), (smooth_log_odds(self._surfaces, wall) > 0)[piece], said)

    def _log_odds(self, place: tuple[int, int]) -> np.ndarray:
        """(N,) float: of each piece to be of the surface at a place of the working picture."""
        if place not in self._grown:
            (row, column), reach = place, max(1, round(_POINT * max(self._coordinates.shape)))
            around = (slice(max(0, at - reach), at + reach + 1) for at in (row, column))
            paint = np.median(self._coordinates[tuple(around)].reshape(-1, 3), axis=0)
            self._grown[place] = grow(self._surfaces, int(self._surfaces.piece[place]), paint)
        return self._grown[place]

    def _place(self, click: Click) -> tuple[int, int]:
        """Of a click in the working picture."""
        height, width = self.pixels.shape[:2]
        if not (0 <= click.row < height and 0 <= click.column < width):
            raise SettingError(
                f"the click at {click.column},{click.row} lies outside of the photo: "
                f"choose 0 to {width - 1} across and 0 to {height - 1} down."
            )
        small = self._coordinates.shape
        return int((click.row + 0.5) * small[0] / height), int((click.column + 0.5) * small[1] / width)

    def _enlarged(self, wall: np.ndarray) -> np.ndarray:
        """(H, W) float32, 0 or 1: a wall of the working picture at the photo's size, its outline rounded."""
        height, width = self.pixels.shape[:2]
        enlarged = cv2.resize(wall.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        return (enlarged > 0.5).astype(np.float32)


def select_by_clicks(pixels: np.ndarray, clicks: Sequence[Click], *, edges: Edges = "refined") -> np.ndarray:
    """The wall of a photo that clicks mean, (H, W) float32 in [0, 1]; see `WallSelector`."""
    return WallSelector(pixels).select(clicks, edges=edges)


def _reduced(pixels: np.ndarray, longest: int) -> np.ndarray:
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
