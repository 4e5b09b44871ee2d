"""How somebody marked the wall of a photo, edit by edit, so that each can be taken back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import zip_longest

import cv2
import numpy as np

from wallpaint.errors import MaskError
from wallpaint.mask.select import Click, Polygon, draw, find_wall
from wallpaint.photo import mask_png
from wallpaint.serve.rooms import OpenRoom


@dataclass(frozen=True)
class Clicked:
    """A point that is wall, or is not."""

    click: Click


@dataclass(frozen=True)
class Brushed:
    """Strokes that are wall, or are not.

    strokes : PNG of (h, w) uint8, nonzero where the brush was, of the photo's shape at any size.
    """

    strokes: bytes
    keep: bool


@dataclass(frozen=True)
class Masked:
    """A mask that was loaded: PNG of (H, W) uint8, white is wall."""

    mask: bytes


@dataclass(frozen=True)
class Painted:
    """A colour the wall was painted in."""

    color: str


@dataclass(frozen=True)
class Outlined:
    """An outline, corner by corner; what it encloses, from three corners on, is wall, or is not.

    corners : tuple of (row, column)
    """

    corners: tuple[tuple[int, int], ...]
    keep: bool
    closed: bool = False

    def grown(self, corner: tuple[int, int], near: float) -> Outlined:
        """With another corner; one within `near` pixels of the first closes it."""
        if len(self.corners) >= 3 and math.dist(corner, self.corners[0]) <= near:
            return replace(self, closed=True)
        return replace(self, corners=(*self.corners, corner))

    def is_begun_by(self, other: object) -> bool:
        """Whether this is the same outline, some corners later."""
        return isinstance(other, Outlined) and not other.closed and self.corners[0] == other.corners[0]


Edit = Clicked | Brushed | Masked | Outlined
Action = Edit | Painted


@dataclass(frozen=True)
class Session:
    """One person's work on one photo; what was done can be taken back in turn."""

    room: str | None = None
    actions: tuple[Action, ...] = ()
    before: Session | None = None  # on the wall that was painted before this one

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
        """What the wall is made of."""
        marks = [action for action in self.actions if not isinstance(action, Painted)]
        return tuple(
            mark
            for mark, following in zip_longest(marks, marks[1:])
            if not (isinstance(following, Outlined) and following.is_begun_by(mark))
        )

    @property
    def open_outline(self) -> Outlined | None:
        """The outline that somebody is drawing."""
        last = self.actions[-1] if self.actions else None
        return last if isinstance(last, Outlined) and not last.closed else None

    @property
    def color(self) -> str | None:
        """What the wall, as it is now, is painted in."""
        last = self.actions[-1] if self.actions else None
        return last.color if isinstance(last, Painted) else None


def loaded_walls(rooms: Sequence[OpenRoom], before: Session | None) -> Session:
    """What a person would have done for walls that came with their colours, the first of them after `before`."""
    for room in rooms:
        masked = Masked(mask_png(room.required_wall))
        colored = () if room.painted is None else (Painted(room.painted.color.hex),)
        before = Session(room.id, (masked, *colored), before)
    assert before is not None  # there is a room
    return before


def marked_wall(room: OpenRoom, edits: Sequence[Edit]) -> np.ndarray:
    """(H, W) float32 in [0, 1]: the wall that edits mark.

    Clicks before anything else are understood together; each later one adds or takes away the surface it points at.

    Raises
    ------
    MaskError
        Nothing says where the wall is, and no outline has begun to.
    """
    first = [edit.click for edit in _leading_clicks(edits)]
    wall = find_wall(room.selector, first)
    wall = reduce(lambda marked, edit: _edited(room, marked, edit), edits[len(first) :], wall)
    begun = edits and isinstance(edits[-1], Outlined) and not edits[-1].closed
    if not begun and not (wall > 0.5).any():
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
        return room.selector.correct(wall, [edit.click])
    if isinstance(edit, Outlined):
        return draw(wall, [Polygon(edit.corners, edit.keep)] if len(edit.corners) >= 3 else [])
    return np.where(_decoded(edit.strokes, room.shape) > 0.5, np.float32(edit.keep), wall)


def _decoded(png: bytes, shape: tuple[int, int]) -> np.ndarray:
    mask = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert mask is not None  # we wrote it
    if mask.shape != shape:
        mask = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return mask.astype(np.float32) / 255
