"""Local effect of clicks: a click changes only the surface it lies on, in the direction it asks for."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from wallpaint.mask.select.click import Click
from wallpaint.mask.select.finders.finder import PhotoFinder

_PLAIN = 0.6  # probability from which a pixel plainly belongs to what a click asks for
_FORCED = 0.9  # share of the probability at a click that its surroundings must reach where the finder disagrees
_REACH = 0.06  # of the longer side: how far a click changes pixels against the finder
_DOT = 0.006  # of the longer side: radius of the spot around a click that always follows it


def wall_after_click(
    finder: PhotoFinder,
    clicks: Sequence[Click],
    size: tuple[int, ...],
    before: np.ndarray | None = None,
    *,
    plane: bool = False,
) -> np.ndarray:
    """Probability of wall after the last of some clicks.

    Parameters
    ----------
    finder : PhotoFinder
    clicks : sequence of Click
        All clicks so far, at least one.
    size : (height, width)
        Of the photo.
    before : (h, w) float32, optional
        Probability before the last click, of any size; without it the click, which must keep, selects its surface.
    plane : bool
        See `PhotoFinder.wall`.

    Returns
    -------
    (h, w) float32
        Of the finder's size. A keeping click only adds the part of the finder's answer that is connected to it; a
        removing click only removes such a part. So a click has no effect far away, and without the last click the
        result is the one before it.
    """
    answer = finder.wall(clicks, before, plane=plane)
    start = answer if before is None else _resized(before, answer.shape)
    return _follow(start, answer, clicks[-1].scaled(size, answer.shape), clicks[-1].keep)


def _follow(before: np.ndarray, answer: np.ndarray, place: tuple[int, int], keep: bool) -> np.ndarray:
    """The probability after one click at a place: `answer` where it agrees with the click and is connected to it."""
    after = before.copy()
    if (before[place] > 0.5) != keep:
        side = (lambda values: values) if keep else (lambda values: 1 - values)
        wanted = side(answer)
        region = wanted > _PLAIN
        if not region[place]:
            region = (wanted >= _FORCED * wanted[place]) & _disc(before.shape, place, _REACH)
            wanted = np.where(region, np.maximum(wanted, 0.75), wanted)
        changed = _connected(region & (side(before) <= 0.5), place)
        edge = cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        after[edge] = side(np.maximum(side(before), wanted))[edge]
    spot = _disc(before.shape, place, _DOT)
    after[spot] = np.maximum(after[spot], 0.75) if keep else np.minimum(after[spot], 0.25)
    return after


def _connected(region: np.ndarray, place: tuple[int, int]) -> np.ndarray:
    """(h, w) bool: the connected part of a region at a place; the place itself where it is not in the region."""
    parts = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)[1]
    part = parts == parts[place] if parts[place] else np.zeros(region.shape, bool)
    part[place] = True
    return part


def _disc(shape: tuple[int, ...], place: tuple[int, int], radius: float) -> np.ndarray:
    """(h, w) bool: pixels within `radius`, a share of the longer side, at least the pixel itself."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(rows - place[0], columns - place[1]) <= radius * max(shape))


def _resized(probability: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if probability.shape == shape:
        return probability
    return np.asarray(cv2.resize(probability, shape[::-1], interpolation=cv2.INTER_AREA))
