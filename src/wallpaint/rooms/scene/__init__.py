"""Procedural rooms: geometry, materials, light and a camera from a seed, with numpy only.

Read `geometry` and `materials`, `plan` (walls, floor and ceiling), `occupancy` (objects and their places), `furniture`,
`clutter` and `fittings` (the objects), `lighting`, `viewpoint` (the camera), `arrange` (placing the objects), then
`room`, which puts everything together.
"""

from wallpaint.rooms.scene.materials import Material, Texture
from wallpaint.rooms.scene.room import FurnishedRoom, furnish
from wallpaint.rooms.scene.viewpoint import Viewpoint

__all__ = ["FurnishedRoom", "Material", "Texture", "Viewpoint", "furnish"]
