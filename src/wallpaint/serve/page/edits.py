"""Edits of the wall on the page, with undo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import zip_longest

import cv2
import numpy as np

from wallpaint.errors import MaskError
from wallpaint.mask.select import Click, Polygon, draw
from wallpaint.photo import mask_png
from wallpaint.serve.rooms import OpenRoom


@dataclass(frozen=True)
class Clicked:
    """Click on a point that is wall or not wall."""

    click: Click


@dataclass(frozen=True)
class Brushed:
    """Brush strokes that are wall or not wall.

    strokes : PNG of (h, w) uint8, nonzero under the brush; the aspect ratio of the photo, any size.
    """

    strokes: bytes
    keep: bool


@dataclass(frozen=True)
class Masked:
    """Mask from a file: PNG of (H, W) uint8, white is wall."""

    mask: bytes


@dataclass(frozen=True)
class Painted:
    """Colour that the wall was painted in."""

    color: str


@dataclass(frozen=True)
class Outlined:
    """Outline of an area that is wall or not wall; it has an effect from three corners on.

    corners : tuple of (row, column)
    """

    corners: tuple[tuple[int, int], ...]
    keep: bool
    closed: bool = False

    def with_corner(self, corner: tuple[int, int], near: float) -> Outlined:
        """Add a corner; a corner within `near` pixels of the first one closes the outline."""
        if len(self.corners) >= 3 and math.dist(corner, self.corners[0]) <= near:
            return replace(self, closed=True)
        return replace(self, corners=(*self.corners, corner))

    def continues(self, other: object) -> bool:
        """Whether this is the same outline as `other` with more corners."""
        return isinstance(other, Outlined) and not other.closed and self.corners[0] == other.corners[0]


Edit = Clicked | Brushed | Masked | Outlined
Action = Edit | Painted


@dataclass(frozen=True)
class Session:
    """Actions on one photo in one browser session; each can be undone, the last one first."""

    room: str | None = None
    actions: tuple[Action, ...] = ()
    before: Session | None = None  # session of the wall painted before this one

    def after(self, action: Action) -> Session:
        return replace(self, actions=(*self.actions, action))

    def without_last(self) -> Session:
        if not self.actions and self.before is not None:
            return self.before
        return replace(self, actions=self.actions[:-1])

    def without_wall(self) -> Session:
        return replace(self, actions=())

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Edits that define the wall; of an outline only the latest version."""
        marks = [action for action in self.actions if not isinstance(action, Painted)]
        return tuple(
            mark
            for mark, following in zip_longest(marks, marks[1:])
            if not (isinstance(following, Outlined) and following.continues(mark))
        )

    @property
    def open_outline(self) -> Outlined | None:
        """Outline that is not closed yet, or None."""
        last = self.actions[-1] if self.actions else None
        return last if isinstance(last, Outlined) and not last.closed else None

    @property
    def color(self) -> str | None:
        """Colour that the current wall is painted in, or None."""
        last = self.actions[-1] if self.actions else None
        return last.color if isinstance(last, Painted) else None


def loaded_walls(rooms: Sequence[OpenRoom], before: Session | None) -> Session:
    """Session with the actions that are equivalent to loaded walls and their colours, after session `before`."""
    for room in rooms:
        masked = Masked(mask_png(room.required_wall))
        colored = () if room.painted is None else (Painted(room.painted.color.hex),)
        before = Session(room.id, (masked, *colored), before)
    assert before is not None  # there is a room
    return before


def marked_wall(room: OpenRoom, edits: Sequence[Edit]) -> np.ndarray:
    """Wall of a list of edits, (H, W) float32 in [0, 1].

    Clicks at the start are evaluated together. Each later click adds or removes the surface at its point.

    Raises
    ------
    MaskError
        The wall is empty, and there is no open outline.
    """
    first = [edit.click for edit in _leading_clicks(edits)]
    wall = room.selector.select(first, edges="hard").mask if first else np.zeros(room.shape, np.float32)
    wall = reduce(lambda marked, edit: _edited(room, marked, edit), edits[len(first) :], wall)
    has_open_outline = edits and isinstance(edits[-1], Outlined) and not edits[-1].closed
    if not has_open_outline and not (wall > 0.5).any():
        raise MaskError(None, "no wall is marked yet. Click on it in the photo.")
    return wall


def _leading_clicks(edits: Sequence[Edit]) -> list[Clicked]:
    leading: list[Clicked] = []
    for edit in edits:
        if not isinstance(edit, Clicked):
            break
        leading.append(edit)
    return leading


def _edited(room: OpenRoom, wall: np.ndarray, edit: Edit) -> np.ndarray:
    if isinstance(edit, Masked):
        return _decoded(edit.mask, room.shape)
    if isinstance(edit, Clicked):
        return room.selector.select([edit.click], initial_mask=wall, edges="hard").mask
    if isinstance(edit, Outlined):
        return draw(wall, [Polygon(edit.corners, edit.keep)] if len(edit.corners) >= 3 else [])
    return np.where(_decoded(edit.strokes, room.shape) > 0.5, np.float32(edit.keep), wall)


def _decoded(png: bytes, shape: tuple[int, int]) -> np.ndarray:
    mask = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert mask is not None  # we wrote it
    if mask.shape != shape:
        mask = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return mask.astype(np.float32) / 255
