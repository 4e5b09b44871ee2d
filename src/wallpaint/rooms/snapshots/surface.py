"""One plane of a room and what it wears."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Surface:
    """One plane of a room.

    Attributes
    ----------
    kind : str
        wall, column, beam, niche, ceiling, sloped ceiling, floor, tiles, next room …
    finish : str
        paint, wallpaper, brick, boards, tiles, concrete …
    paint : int
        Planes of one number wear the same paint or paper; 0 is none.
    color : (float, float, float)
        Mean linear reflectance.
    """

    kind: str
    finish: str = ""
    paint: int = 0
    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
