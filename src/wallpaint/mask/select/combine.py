"""Clicks and polygons together: one wall of all that a person showed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wallpaint.mask.select.clicks import Click, WallSelector
from wallpaint.mask.select.drawing import Polygon, draw


def find_wall(
    selector: WallSelector,
    clicks: Sequence[Click],
    polygons: Sequence[Polygon] = (),
    initial_mask: np.ndarray | None = None,
) -> np.ndarray:
    """The wall that somebody shows.

    Polygons hold whatever lies in them, so they are drawn last; but where nothing else says what is wall, clicks to
    drop take their surfaces out of the polygons.

    Parameters
    ----------
    selector : WallSelector
        Of the photo.
    clicks, polygons : sequence
        Any number of either, (row, column).
    initial_mask : (H, W) float32, optional
        [0, 1], a mask from elsewhere for the clicks to correct.

    Returns
    -------
    (H, W) float32
        [0, 1], 1 is wall; 0 everywhere if nothing shows any.

    Raises
    ------
    SettingError
        A click lies outside of the photo.
    """
    if initial_mask is not None:
        return draw(selector.correct(initial_mask, clicks), polygons)
    if any(click.keep for click in clicks):
        return draw(selector.select(clicks, edges="hard"), polygons)
    nothing = np.zeros(selector.pixels.shape[:2], np.float32)
    return selector.correct(draw(nothing, polygons), clicks)
