"""Procedural rooms: geometry, materials, light and a camera from a seed, with numpy only.

Read `geometry` and `materials`, `plan` (walls, floor and ceiling), `occupancy` (objects and their places), `furniture`,
`clutter` and `fittings` (the objects), `lighting`, `viewpoint` (the camera), `arrange` (placing the objects), then
`room`, which puts everything together. `varied` makes rooms with more kinds of content, all of it labelled.
"""

from wallpaint.errors import SettingError
from wallpaint.rooms.scene.materials import Material, Texture
from wallpaint.rooms.scene.room import FurnishedRoom, furnish_room
from wallpaint.rooms.scene.varied.room import furnish_varied
from wallpaint.rooms.scene.viewpoint import Viewpoint

__all__ = ["KINDS", "FurnishedRoom", "Material", "Texture", "Viewpoint", "furnish"]

KINDS = ("furnished", "varied")  #: kinds of rooms


def furnish(seed: int, kind: str = "furnished") -> FurnishedRoom:
    """The room of a seed, the same on every machine with the same numpy.

    Parameters
    ----------
    seed : int
    kind : {"furnished", "varied"}
        "furnished": the rooms of RepaintBench and of the networks trained so far. "varied": more kinds of content, with
        labels and planes, for networks that find walls. Each kind has its own random numbers.

    Raises
    ------
    SettingError
        There is no such kind.

    >>> furnish(3).meta["plan"] == furnish(3).meta["plan"]
    True
    """
    if kind == "varied":
        return furnish_varied(seed)
    if kind != "furnished":
        raise SettingError(f"there is no kind {kind!r} of rooms: choose {' or '.join(KINDS)}.")
    return furnish_room(seed)
