"""Procedural rooms: from a seed to geometry, materials, light and a camera, in numpy alone.

Read `plan` (shell), `occupancy` (who stands where), `furniture`, `clutter` and `fittings` (things), `lighting`,
`viewpoint`, then `room`, which draws them together.
"""

from wallpaint.rooms.scene.materials import Material, Texture
from wallpaint.rooms.scene.room import Room, furnish
from wallpaint.rooms.scene.viewpoint import Viewpoint

__all__ = ["Material", "Room", "Texture", "Viewpoint", "furnish"]
