"""The rooms that come with the package: for demonstrations, tests and a minute's validation."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from wallpaint.rooms.paintable import PaintableRoom

BENCH_SEEDS = range(9000, 9064)  #: rooms RepaintBench measures on; never trained on, never shipped


def starter_paths() -> list[Path]:
    """Files of the shipped rooms, by seed."""
    folder = Path(str(resources.files("wallpaint.rooms") / "starter"))
    return sorted(folder.glob("room-*.npz"))


@functools.cache
def _load() -> tuple[PaintableRoom, ...]:
    return tuple(PaintableRoom.load(path) for path in starter_paths())


def starter_rooms() -> list[PaintableRoom]:
    """The shipped rooms, 256 × 256, loaded when first asked for."""
    return list(_load())
