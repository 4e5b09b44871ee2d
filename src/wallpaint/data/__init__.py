"""Training data: pictures of walls whose reference is the colour of their own wall.

A sample's reference is always a swatch made from a colour, never the photo the wall is in: a model that is shown its
own answer learns to copy it. Read `paints` (what colours walls get), `view` (crops and flips), `depth`, `shelf` (rooms
to draw from), `from_rooms` (a room painted twice), then the two ways it can go: `layout` and `export` (files),
or `reference`, `sample` and `painted_rooms` (tensors, painted while training; these alone need torch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallpaint.data.export import export_rooms
from wallpaint.data.from_rooms import Recipe, Shot, draw_shot
from wallpaint.data.layout import SPLITS, Entry, SplitFolder, SplitWriter, split_of
from wallpaint.data.paints import FAMILIES, draw_paint
from wallpaint.data.reference import ReferenceSettings
from wallpaint.data.shelf import RoomShelf

if TYPE_CHECKING:
    from wallpaint.data.painted_rooms import PaintedRoomsDataset
    from wallpaint.data.sample import Sample, make_sample

_WITH_TORCH = {
    "PaintedRoomsDataset": "wallpaint.data.painted_rooms",
    "Sample": "wallpaint.data.sample",
    "make_sample": "wallpaint.data.sample",
}
__all__ = [
    "FAMILIES",
    "SPLITS",
    "Entry",
    "PaintedRoomsDataset",
    "Recipe",
    "ReferenceSettings",
    "RoomShelf",
    "Sample",
    "Shot",
    "SplitFolder",
    "SplitWriter",
    "draw_paint",
    "draw_shot",
    "export_rooms",
    "make_sample",
    "split_of",
]


def __getattr__(name: str) -> Any:
    """What needs torch is fetched when it is first asked for."""
    if name not in _WITH_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WITH_TORCH[name]), name)
