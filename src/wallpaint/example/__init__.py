"""A room to try things on: rendered by path tracing, with a camera's vignette and noise. Nobody's home."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def example_room() -> tuple[Path, Path]:
    """Paths of a photo (768 × 576 pixels) and of its wall's mask."""
    folder = files("wallpaint.example")
    return Path(str(folder / "room.jpg")), Path(str(folder / "wall.png"))
