"""The albedo engine: repainting in linear light, in closed form but for how walls light each other.

Read `codes` (light on a logarithmic scale), `light` (what a photo tells of the light on its wall, with `noise` and
`highlights`), `response` (how walls light each other), `albedo` (one wall, one colour), `perspective` (patterns),
then `lock`, `rehearsal` and `room`, which puts them together.
"""

from wallpaint.albedo.color_lock import centre_aim, lock_color
from wallpaint.albedo.engine import AlbedoEngine
from wallpaint.albedo.light import WallLight, read_light
from wallpaint.albedo.painting import paint_albedo
from wallpaint.albedo.perspective import check_corners, estimate_corners, lay_pattern
from wallpaint.albedo.room import AlbedoRoom
from wallpaint.albedo.subsample import Rehearsal, rehearse

__all__ = [
    "AlbedoEngine",
    "AlbedoRoom",
    "Rehearsal",
    "WallLight",
    "centre_aim",
    "check_corners",
    "estimate_corners",
    "lay_pattern",
    "lock_color",
    "paint_albedo",
    "read_light",
    "rehearse",
]
