"""The albedo engine: repainting in linear light, in closed form, with a small network for interreflection.

Read `log_light` (light on a logarithmic scale), `light` (the light on a wall, estimated from a photo, with `noise` and
`highlights`), `tone_response` (how the light changes with the paint), `painting` (one wall, one colour), `perspective`
(textures), `color_lock`, `subsample`, then `room` (one photo, any colour) and `engine`. `interreflection` is the
network's part.
"""

from wallpaint.albedo.color_lock import centre_aim, lock_color
from wallpaint.albedo.engine import AlbedoEngine
from wallpaint.albedo.light import WallLight, read_light
from wallpaint.albedo.painting import paint_albedo
from wallpaint.albedo.perspective import check_corners, estimate_corners, lay_pattern
from wallpaint.albedo.room import AlbedoRoom
from wallpaint.albedo.subsample import WallSubsample, draw_subsample

__all__ = [
    "AlbedoEngine",
    "AlbedoRoom",
    "WallLight",
    "WallSubsample",
    "centre_aim",
    "check_corners",
    "draw_subsample",
    "estimate_corners",
    "lay_pattern",
    "lock_color",
    "paint_albedo",
    "read_light",
]
