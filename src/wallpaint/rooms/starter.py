"""Starter rooms included in the package, for demonstrations, tests and quick validation."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from wallpaint.rooms.paintable import PaintableRoom

BENCH_SEEDS = range(9000, 9064)  #: seeds of the RepaintBench rooms; not for training, not in the package


def starter_paths() -> list[Path]:
    """Paths of the starter rooms, sorted by seed."""
    folder = Path(str(resources.files("wallpaint.rooms") / "starter"))
    return sorted(folder.glob("room-*.npz"))


@functools.cache
def _load() -> tuple[PaintableRoom, ...]:
    return tuple(PaintableRoom.load(path) for path in starter_paths())


def starter_rooms() -> list[PaintableRoom]:
    """The starter rooms, 256 × 256 pixels, loaded at the first call."""
    return list(_load())
