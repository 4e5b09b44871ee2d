"""The albedo engine: repainting in linear light, in closed form but for how walls light each other.

Read `codes` (light on a logarithmic scale), `light` (what a photo tells of the light on its wall, with `noise` and
`highlights`), `response` (how walls light each other), `albedo` (one wall, one colour), `perspective` (patterns),
then `lock`, `rehearsal` and `room`, which puts them together.
"""

from wallpaint.repaint.albedo import paint_albedo
from wallpaint.repaint.light import WallLight, read_light
from wallpaint.repaint.lock import centre_aim, lock_color
from wallpaint.repaint.perspective import check_corners, estimate_corners, lay_pattern
from wallpaint.repaint.rehearsal import Rehearsal, rehearse
from wallpaint.repaint.room import AlbedoRoom

__all__ = [
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
