"""One selection in one photo, and the check whether its wall is certain enough to paint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wallpaint.errors import EmptyMaskError, FullMaskError, Source, UnsureWallError
from wallpaint.mask import Edges
from wallpaint.mask.select.click import Click
from wallpaint.mask.select.finders.finder import Finder
from wallpaint.mask.select.selector import LEAST_CONFIDENCE, SelectedWall, WallSelector
from wallpaint.photo import as_photo, read_photo

_CURE = "Mark a point on the wall: --keep X,Y"


def find_wall(
    photo: Source | np.ndarray,
    clicks: Sequence[Click] = (),
    *,
    finder: Finder | str = "auto",
    plane: bool = False,
    edges: Edges = "refined",
) -> SelectedWall:
    """Find the wall in a photo: all walls, or with clicks the surfaces clicked on.

    Parameters
    ----------
    photo : path or (H, W, 3) uint8
        The room; an array is sRGB.
    clicks : sequence of Click
        ``Click(row, column, keep)``: points that are wall or are not.
    finder, plane, edges
        As in `WallSelector` and `WallSelector.select`.

    Returns
    -------
    SelectedWall
        ``.mask`` to paint with, ``.confidence`` and ``.share`` to judge it by. The mask may be empty.

    Raises
    ------
    WallpaintError
        The photo cannot be read, a click is outside it, or the finder needs clicks.
    """
    pixels = as_photo(photo) if isinstance(photo, np.ndarray) else read_photo(photo)
    return WallSelector(pixels, finder).select(clicks, plane=plane, edges=edges)


def require_wall(found: SelectedWall, photo: Source | None = None, *, automatic: bool = True) -> np.ndarray:
    """The mask of a selection that can be painted.

    Parameters
    ----------
    found : SelectedWall
    photo : path, optional
        Named in errors.
    automatic : bool
        Whether nobody has marked anything: then the confidence must be `LEAST_CONFIDENCE` or more.

    Raises
    ------
    EmptyMaskError, FullMaskError
        No pixel, or every pixel is wall.
    UnsureWallError
        The confidence is too low.
    """
    if found.share == 0:
        raise EmptyMaskError(photo, f"no wall was found (confidence {found.confidence:.2f}). {_CURE}.")
    if found.share == 1:
        raise FullMaskError(photo, "the whole photo was selected. Mark a point that is not wall: --drop X,Y.")
    if automatic and found.confidence < LEAST_CONFIDENCE:
        raise UnsureWallError(
            photo,
            f"the wall found ({found.share:.1%} of the photo) is not certain: confidence {found.confidence:.2f}, at "
            f"least {LEAST_CONFIDENCE:.2f} is needed. {_CURE}, and --drop X,Y on what is not wall.",
        )
    return found.mask
