"""The wall region of a photo: pure wall pixels, mixed pixels, and the light of the wall in mixed pixels.

Computed once for a photo and its mask; `composite` paints every colour into it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask.edge_refinement import (
    DEFAULT_REFINEMENT,
    WIDEST,
    Refinement,
    default_edge_width,
    refine_edges,
)
from wallpaint.mask.matting import Window, edge_limits, estimate_wall_radiance
from wallpaint.mask.read import is_soft, is_wall
from wallpaint.mask.unmixing import ESTIMATED, GIVEN, removed_wall

Edges = Literal["refined", "hard"]
EDGES: tuple[Edges, ...] = get_args(Edges)
_LIKE_RADIANCE = np.empty((0, 3), np.float32)  # stands for the default
_SOFT_BAND = 0.02  # share of the longer side; widest edge band of a soft mask


@dataclass(frozen=True)
class MixedPixels:
    """Pixels that contain more than wall paint: a part of another object, or a highlight.

    Attributes
    ----------
    rows, columns : (N,) int
        Positions of the pixels in the photo.
    alpha : (N,) float32
        Share of wall in each pixel, (0, 1].
    radiance : (N, 3) float32
        Linear light of the wall alone, [0, 1].
    removed : (N, 3) float32
        Linear light to take out in its place, so that what is left looks like the things beside the wall; see
        `removed_wall`. `radiance` by default.
    """

    rows: np.ndarray
    columns: np.ndarray
    alpha: np.ndarray
    radiance: np.ndarray
    removed: np.ndarray = field(default_factory=lambda: _LIKE_RADIANCE)

    def __post_init__(self) -> None:
        if self.removed is _LIKE_RADIANCE:
            object.__setattr__(self, "removed", self.radiance)

    def __len__(self) -> int:
        return len(self.rows)

    def within(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns relative to the top left corner of the window."""
        return self.rows - window[0].start, self.columns - window[1].start

    def with_highlights(self, rows: np.ndarray, columns: np.ndarray, radiance: np.ndarray) -> MixedPixels:
        """Append pure wall pixels with highlights; their `radiance` is the light without the highlight."""
        return MixedPixels(
            np.concatenate([self.rows, rows]),
            np.concatenate([self.columns, columns]),
            np.concatenate([self.alpha, np.ones(len(rows), np.float32)]),
            np.concatenate([self.radiance, radiance.astype(np.float32)]),
            np.concatenate([self.removed, radiance.astype(np.float32)]),
        )


@dataclass(frozen=True)
class WallRegion:
    """The wall in a photo.

    Attributes
    ----------
    alpha : (H, W) float32
        Share of wall in each pixel, [0, 1]; pixels with 0 are never changed by `composite` without surroundings.
    window : two slices
        The smallest rectangle that contains all pixels with α > 0.
    edge_width : int
        Pixels on either side of a binary mask's edge where α was estimated; 0 if the mask was used unchanged.
    mixed : MixedPixels
        Pixels with 0 < α < 1, and the light of the wall in them.
    is_wall : (H, W) bool
        Pixels where the mask exceeds 0.5; metrics and the colour lock use these.
    """

    alpha: np.ndarray
    window: Window
    edge_width: int
    mixed: MixedPixels
    is_wall: np.ndarray

    @cached_property
    def is_pure(self) -> np.ndarray:
        """(H, W) bool: pixels of pure wall, α = 1."""
        return self.alpha >= 1

    @cached_property
    def may_change(self) -> np.ndarray:
        """(H, W) bool: wall of the mask and its edge band; see `may_change`."""
        if self.edge_width == 0 and len(self.mixed):
            return edge_limits(self.is_wall, _soft_reach(self.alpha, self.is_wall))[1]
        return edge_limits(self.is_wall, self.edge_width)[1]

    @cached_property
    def pure_window(self) -> np.ndarray:
        """(h, w) uint8 over the window, 1 = pure wall; if the mask has no pure wall, 1 = pixels of the largest α."""
        alpha = self.alpha[self.window]
        return (alpha >= min(1.0, float(alpha.max()))).astype(np.uint8)


def find_region(
    pixels: np.ndarray,
    mask: np.ndarray,
    edges: Edges = "refined",
    edge_width: int | None = None,
    refinement: Refinement = DEFAULT_REFINEMENT,
) -> WallRegion:
    """Compute the wall region of a photo from its mask.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    mask : (H, W) float32
        Alpha in [0, 1]. The alpha of a soft mask is used unchanged.
    edges : {"refined", "hard"}
        "refined" refines the edge of a binary mask; "hard" changes no pixel outside the mask.
    edge_width : int, optional
        Pixels on either side of the edge that are refined, 0 to 64; `default_edge_width` of the mask by default.
    refinement : {"matting", "network"}
        Method by which edges are refined.

    Raises
    ------
    SettingError
        `edges` or `edge_width` is invalid.
    """
    wall = is_wall(mask)
    width = edge_reach(mask, edges, edge_width, refinement)
    is_given = edges != "hard" and is_soft(mask)
    if edges == "hard":
        alpha = wall.astype(np.float32)
    elif is_given:
        alpha = mask.astype(np.float32, copy=False)
    else:
        alpha = refine_edges(pixels, wall, width, refinement)
    rows, columns, radiance = estimate_wall_radiance(pixels, alpha)
    removed = removed_wall(pixels, alpha, rows, columns, radiance, GIVEN if is_given else ESTIMATED)
    mixed = MixedPixels(rows, columns, alpha[rows, columns], radiance, removed)
    return WallRegion(alpha, _bounding_window(alpha > 0), width, mixed, wall)


def edge_reach(
    mask: np.ndarray,
    edges: Edges = "refined",
    edge_width: int | None = None,
    refinement: Refinement = DEFAULT_REFINEMENT,
) -> int:
    """Pixels on either side of a mask's edge where α may differ from the mask with these settings.

    0 for hard edges and for a soft mask. Raises as `find_region`.
    """
    if edges not in EDGES:
        raise SettingError(f"edges cannot be {edges!r}: choose {' or '.join(EDGES)}.")
    if edge_width is not None and edge_width not in range(WIDEST + 1):
        raise SettingError(f"an edge {edge_width} pixels wide cannot be refined: choose 0 to 64, a whole number.")
    if edges == "hard" or is_soft(mask):
        return 0
    return default_edge_width(mask, refinement) if edge_width is None else edge_width


def may_change(mask: np.ndarray, edges: Edges = "refined", edge_width: int | None = None) -> np.ndarray:
    """Pixels that painting with these settings may change, from the mask alone; metrics count all others as outside.

    These are the pixels where the mask exceeds 0.5, and an edge band around them. The band is as wide as the reach of
    refinement, and empty for hard edges. For a soft mask it reaches as far as the mask fades out, but at most 2 % of
    the photo's longer side; a changed byte farther away counts as a change outside the wall, even if α > 0 there.

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
    """Pixels over which a soft mask fades out beside its wall, at most 2 % of the longer side."""
    most = max(3, round(_SOFT_BAND * max(alpha.shape)))
    fading = (alpha > 0) & ~wall
    distance = cv2.distanceTransform((~wall).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[fading]
    return int(np.ceil(min(float(most), float(distance.max(initial=0)))))


def _bounding_window(wanted: np.ndarray) -> Window:
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
