"""Example photo of a room with its wall mask, rendered by path tracing with a camera's vignette and noise."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def example_room() -> tuple[Path, Path]:
    """Paths of the example photo (768 × 576 pixels) and of its wall mask."""
    folder = files("wallpaint.example")
    return Path(str(folder / "room.jpg")), Path(str(folder / "wall.png"))
