"""The wall in a photo: the pixels that are wall, those that are wall in part, and the light of the wall in those.

Made once for a photo and its mask; every colour is painted into it by `composite`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask.matting import Window, band_width, edge_limits, estimate_wall_radiance, refine_alpha
from wallpaint.mask.read import is_soft, is_wall

Edges = Literal["refined", "hard"]
EDGES: tuple[Edges, ...] = get_args(Edges)
_SOFT_BAND = 0.02  # of the longer side: a mask that fades out over more than that is no edge


@dataclass(frozen=True)
class MixedPixels:
    """Pixels that hold more than wall paint: other things in part, or a highlight on top.

    Attributes
    ----------
    rows, columns : (N,) int
    alpha : (N,) float32
        Share of wall, (0, 1].
    radiance : (N, 3) float32
        Linear light of the wall alone, [0, 1].
    """

    rows: np.ndarray
    columns: np.ndarray
    alpha: np.ndarray
    radiance: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def within(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns counted from the window's corner."""
        return self.rows - window[0].start, self.columns - window[1].start

    def with_highlights(self, rows: np.ndarray, columns: np.ndarray, radiance: np.ndarray) -> MixedPixels:
        """These pixels and pure wall pixels whose `radiance` is what is left without their highlight."""
        return MixedPixels(
            np.concatenate([self.rows, rows]),
            np.concatenate([self.columns, columns]),
            np.concatenate([self.alpha, np.ones(len(rows), np.float32)]),
            np.concatenate([self.radiance, radiance.astype(np.float32)]),
        )


@dataclass(frozen=True)
class WallRegion:
    """Where the wall is.

    Attributes
    ----------
    alpha : (H, W) float32
        Share of wall in each pixel, [0, 1]; no pixel with 0 is ever written to.
    window : two slices
        The smallest rectangle with every pixel of α > 0.
    edge_width : int
        Pixels to either side of a binary mask's edge within which α was estimated; 0 where the mask was taken as it is.
    mixed : MixedPixels
    is_wall : (H, W) bool
        What the mask calls wall: the pixels that metrics and the colour lock speak of.
    """

    alpha: np.ndarray
    window: Window
    edge_width: int
    mixed: MixedPixels
    is_wall: np.ndarray

    @cached_property
    def is_pure(self) -> np.ndarray:
        """(H, W) bool: nothing but wall."""
        return self.alpha >= 1

    @cached_property
    def may_change(self) -> np.ndarray:
        """(H, W) bool: wall by the mask's word, and its edge band; see `may_change`."""
        if self.edge_width == 0 and len(self.mixed):
            return edge_limits(self.is_wall, _soft_reach(self.alpha, self.is_wall))[1]
        return edge_limits(self.is_wall, self.edge_width)[1]

    @cached_property
    def pure_window(self) -> np.ndarray:
        """(h, w) uint8 over the window, 1 = nothing but wall; in a mask that is soft all over, what is mostly wall."""
        alpha = self.alpha[self.window]
        return (alpha >= min(1.0, float(alpha.max()))).astype(np.uint8)


def find_region(
    pixels: np.ndarray, mask: np.ndarray, edges: Edges = "refined", edge_width: int | None = None
) -> WallRegion:
    """Work out where the wall is, from a photo and a mask.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    mask : (H, W) float32
        [0, 1]. One that already is soft is taken at its word.
    edges : {"refined", "hard"}
        A binary mask's edge is refined by matting, or kept: then nothing beyond the mask is touched.
    edge_width : int, optional
        How far refinement may reach to either side, in pixels; `band_width` of the photo by default.

    Raises
    ------
    SettingError
        `edges` or `edge_width` has a value it cannot have.
    """
    wall = is_wall(mask)
    width = edge_reach(mask, edges, edge_width)
    if edges == "hard":
        alpha = wall.astype(np.float32)
    elif is_soft(mask):
        alpha = mask.astype(np.float32, copy=False)
    else:
        alpha = refine_alpha(pixels, wall, width)
    rows, columns, radiance = estimate_wall_radiance(pixels, alpha)
    mixed = MixedPixels(rows, columns, alpha[rows, columns], radiance)
    return WallRegion(alpha, _bounding_window(alpha > 0), width, mixed, wall)


def edge_reach(mask: np.ndarray, edges: Edges = "refined", edge_width: int | None = None) -> int:
    """How many pixels to either side of a mask's edge painting with these settings may change what the mask says.

    0 for hard edges and for a mask that is soft already. Raises as `find_region` does.
    """
    if edges not in EDGES:
        raise SettingError(f"edges cannot be {edges!r}: choose {' or '.join(EDGES)}.")
    if edge_width is not None and edge_width not in range(65):
        raise SettingError(f"an edge {edge_width} pixels wide cannot be refined: choose 0 to 64, a whole number.")
    if edges == "hard" or is_soft(mask):
        return 0
    return band_width((mask.shape[0], mask.shape[1])) if edge_width is None else edge_width


def may_change(mask: np.ndarray, edges: Edges = "refined", edge_width: int | None = None) -> np.ndarray:
    """Where painting with these settings may change a photo, by the mask alone: all else is outside.

    Where the mask exceeds 0.5, and the edge band beside it: as far as refinement reaches; none for hard edges; for a
    mask that is soft already, as far as it fades out, but no farther than 2 % of the photo's longer side. However faint
    the mask is farther away, bytes that change there change outside the wall.

    Returns
    -------
    (H, W) bool

    Raises
    ------
    SettingError
        As `find_region`.
    """
    wall, width = is_wall(mask), edge_reach(mask, edges, edge_width)
    if edges != "hard" and is_soft(mask):
        width = _soft_reach(mask, wall)
    return edge_limits(wall, width)[1]


def _soft_reach(alpha: np.ndarray, wall: np.ndarray) -> int:
    """Pixels over which a soft mask fades out beside its wall, but no more than 2 % of the longer side."""
    most = max(3, round(_SOFT_BAND * max(alpha.shape)))
    fading = (alpha > 0) & ~wall
    distance = cv2.distanceTransform((~wall).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[fading]
    return int(np.ceil(min(float(most), float(distance.max(initial=0)))))


def _bounding_window(wanted: np.ndarray) -> Window:
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
