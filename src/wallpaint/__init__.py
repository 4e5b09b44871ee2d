"""Repaint the walls of a room photo in exactly the colour a person asks for.

from wallpaint import Repainter

room = Repainter().open("room.jpg", mask="wall.png")
room.paint("#B9A08C").save("painted.png")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wallpaint.color import Catalog, Color, parse_color, read_catalog
    from wallpaint.errors import WallpaintError, WallpaintWarning
    from wallpaint.painter import Repaint, Repainter, Room
    from wallpaint.reference import TextureSample, read_texture

_HOMES = {
    "Catalog": "wallpaint.color",
    "Color": "wallpaint.color",
    "Repaint": "wallpaint.painter",
    "Repainter": "wallpaint.painter",
    "Room": "wallpaint.painter",
    "TextureSample": "wallpaint.reference",
    "WallpaintError": "wallpaint.errors",
    "WallpaintWarning": "wallpaint.errors",
    "parse_color": "wallpaint.color",
    "read_catalog": "wallpaint.color",
    "read_texture": "wallpaint.reference",
}
__all__ = [
    "Catalog",
    "Color",
    "Repaint",
    "Repainter",
    "Room",
    "TextureSample",
    "WallpaintError",
    "WallpaintWarning",
    "parse_color",
    "read_catalog",
    "read_texture",
]


def __getattr__(name: str) -> Any:
    """Names are fetched when they are first asked for, so that ``import wallpaint`` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'wallpaint' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
