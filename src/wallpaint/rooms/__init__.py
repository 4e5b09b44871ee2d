"""Physically rendered rooms whose true picture is known for every colour of their walls.

`starter_rooms()` come with the package; rendering more needs the ``[rooms]`` extra (Mitsuba 3, Open Image Denoise).
Read `paintable` (what a room is), `camera` (what a photo of it suffers), then `scene` (what stands in it), `stage` and
`tracer` (how light becomes a polynomial in the paint), `render`, `generate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallpaint.rooms.camera import Camera, degrade_mask
from wallpaint.rooms.paintable import PaintableRoom
from wallpaint.rooms.starter import BENCH_SEEDS, starter_rooms

if TYPE_CHECKING:
    from wallpaint.rooms.render import render_room

__all__ = ["BENCH_SEEDS", "Camera", "PaintableRoom", "degrade_mask", "render_room", "starter_rooms"]


def __getattr__(name: str) -> Any:
    """`render_room` on demand, since it alone needs the extra."""
    if name == "render_room":
        from wallpaint.rooms.render import render_room

        return render_room
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
