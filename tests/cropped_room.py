"""Pieces of the shipped rooms, small enough to paint many times."""

from __future__ import annotations

import dataclasses

import numpy as np

from wallpaint.rooms import PaintableRoom, starter_rooms

SIDE = 96


def cropped_room(number: int = 1, top: int = 32, left: int = 64, side: int = SIDE, **changes) -> PaintableRoom:
    """A square of a starter room; by default of one with a wallpapered twin. `changes` replace what it has."""
    room = starter_rooms()[number]
    square = (slice(top, top + side), slice(left, left + side))
    fields = {field.name: getattr(room, field.name) for field in dataclasses.fields(room)}
    maps = {name: value[square] for name, value in fields.items() if getattr(value, "ndim", 0) >= 2}
    return dataclasses.replace(room, **{**maps, **changes})


def without_wall(room: PaintableRoom) -> PaintableRoom:
    """The same room, none of it painted."""
    return dataclasses.replace(room, alpha=np.zeros_like(room.alpha))
