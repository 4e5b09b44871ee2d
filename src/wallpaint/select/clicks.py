"""A wall from a few clicks, without any learned model: surfaces grown from the clicks, edges cut by GrabCut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.photo import EDGES, Edges, as_photo, find_region
from wallpaint.select.surfaces import as_bytes, find_surfaces, paint_coordinates

WORKING_SIDE = 640  #: pixels on the longer side of the picture that surfaces are looked for in
_BAND = 3  # pixels to either side of the pieces' outline that GrabCut decides on

# Of a logistic regression on the pieces of rendered rooms (benchmarks/selection.py --fit): the log odds that a piece is
# the surface that was clicked, from ln(1 + 10 × reluctance), and ln(1 + difference) in a*b*, in L* where it is
# brighter, in L* where it is darker.
_SURFACE_WEIGHTS = np.array([-0.64, -1.67, -0.81, -0.89])
_SURFACE_OFFSET = 6.57
_CERTAIN = 20.0


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
    Works on the photo at `WORKING_SIDE`; the mask has the photo's size.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = as_photo(pixels)
        self._coordinates = paint_coordinates(_reduced(pixels, WORKING_SIDE))
        self._surfaces = find_surfaces(self._coordinates)

    def select(self, clicks: Sequence[Click], *, edges: Edges = "refined") -> np.ndarray:
        """The wall that the clicks mean.

        Parameters
        ----------
        clicks : sequence of Click
            In any order, at least one of them to keep.
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
        places = [self._place(click) for click in clicks]
        mask = self._enlarged(self._trimmed(self._grown(clicks, places), clicks, places))
        if edges == "hard" or not 0 < np.count_nonzero(mask) < mask.size:
            return mask
        return find_region(self.pixels, mask).alpha

    def _grown(self, clicks: Sequence[Click], places: Sequence[tuple[int, int]]) -> np.ndarray:
        """(h, w) bool: the pieces more likely wall than not, and more likely wall than what was clicked away."""
        if not any(click.keep for click in clicks):
            raise SettingError("no click says where the wall is: keep at least one point of it.")
        odds = [(click.keep, self._log_odds(place)) for click, place in zip(clicks, places, strict=True)]
        wall = np.max([odd for keep, odd in odds if keep], axis=0)
        other = np.max([np.zeros_like(wall), *(odd for keep, odd in odds if not keep)], axis=0)
        grown: np.ndarray = (wall > other)[self._surfaces.piece]
        return grown

    def _log_odds(self, place: tuple[int, int]) -> np.ndarray:
        """(N,) float: of each piece to be the surface at a place of the working picture."""
        seed = int(self._surfaces.piece[place])
        lightness, a, b = (self._surfaces.paint - self._surfaces.paint[seed]).T
        evidence = (10 * self._surfaces.grow(seed), np.hypot(a, b), np.maximum(lightness, 0), np.maximum(-lightness, 0))
        odds = np.log1p(np.stack(evidence, axis=-1)) @ _SURFACE_WEIGHTS + _SURFACE_OFFSET
        odds[seed] = _CERTAIN
        return odds

    def _trimmed(self, wall: np.ndarray, clicks: Sequence[Click], places: Sequence[tuple[int, int]]) -> np.ndarray:
        """(h, w) bool: the outline moved by a few pixels to where the colours part.

        GrabCut (Rother, Kolmogorov & Blake, SIGGRAPH 2004) in a band along the outline; the clicks are certain.
        """
        inner, outer = (operation(wall.astype(np.uint8), _disc(_BAND)) > 0 for operation in (cv2.erode, cv2.dilate))
        labels = np.where(wall, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        labels[inner], labels[~outer] = cv2.GC_FGD, cv2.GC_BGD
        for click, place in zip(clicks, places, strict=True):
            labels[place] = cv2.GC_FGD if click.keep else cv2.GC_BGD
        if not {cv2.GC_FGD, cv2.GC_BGD} <= set(np.unique(labels)):
            return wall
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(as_bytes(self._coordinates), labels, None, *models, 1, cv2.GC_INIT_WITH_MASK)
        trimmed: np.ndarray = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
        return trimmed

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
        """(H, W) float32, 0 or 1: the outline at the photo's size, rounded where pixels had made it jagged."""
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
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
