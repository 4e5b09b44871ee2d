"""Procedural rooms: from a seed to geometry, materials, light and a camera, in numpy alone.

Read `geometry` and `materials` (what things are made of), `plan` (the shell), `occupancy` (who stands where),
`furniture`, `clutter` and `fittings` (the things), `lighting`,
`viewpoint`, `arrange` (what goes where), then `room`, which draws it all together.
"""

from wallpaint.rooms.scene.materials import Material, Texture
from wallpaint.rooms.scene.room import FurnishedRoom, furnish
from wallpaint.rooms.scene.viewpoint import Viewpoint

__all__ = ["FurnishedRoom", "Material", "Texture", "Viewpoint", "furnish"]
