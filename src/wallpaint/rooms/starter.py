"""The rooms that come with the package: for demonstrations, tests and a minute's validation."""

from __future__ import annotations

import functools
from importlib import resources

from wallpaint.rooms.paintable import PaintableRoom

BENCH_SEEDS = range(9000, 9064)  #: rooms RepaintBench measures on; never trained on, never shipped


@functools.cache
def _load() -> tuple[PaintableRoom, ...]:
    folder = resources.files("wallpaint.rooms") / "starter"
    rooms = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".npz"):
            with resources.as_file(entry) as path:
                rooms.append(PaintableRoom.load(path))
    return tuple(rooms)


def starter_rooms() -> list[PaintableRoom]:
    """The shipped rooms, 256 × 256, loaded when first asked for."""
    return list(_load())
