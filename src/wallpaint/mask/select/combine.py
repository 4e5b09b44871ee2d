"""One wall from clicks and polygons together, with or without a mask to start from."""

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
    """Mask of the wall marked by clicks and polygons.

    Polygons are drawn last, so everything in them counts. But if polygons alone mark wall, removing clicks take their
    surfaces out of the polygons.

    Parameters
    ----------
    selector : WallSelector
        Made from the photo.
    clicks : sequence of Click
    polygons : sequence of Polygon
    initial_mask : (H, W) float32, optional
        [0, 1], 1 is wall: a mask that the clicks correct.

    Returns
    -------
    (H, W) float32
        [0, 1], 1 is wall; 0 everywhere if nothing marks wall.

    Raises
    ------
    SettingError
        A click is outside the photo.
    """
    if initial_mask is not None:
        return draw(selector.correct(initial_mask, clicks), polygons)
    if any(click.keep for click in clicks):
        return draw(selector.select(clicks, edges="hard"), polygons)
    nothing = np.zeros(selector.pixels.shape[:2], np.float32)
    return selector.correct(draw(nothing, polygons), clicks)
