"""The wall of a photo, chosen by a person: clicks, brush strokes and polygons to a mask, several walls to layers.

Read `surfaces` (a photo as pieces of surface and the borders between them), `growth` (a surface from a point), `snap_outline`
(its outline) and `clicks` (`WallSelector`, which does it all); then `drawing` and `find` (clicks and polygons
together), `coordinates`, `overlay` and `layers`. A model that finds walls by itself is
`wallpaint.diffusion.WallSegmenter`.
"""

from wallpaint.mask.select.clicks import Click, WallSelector, select_by_clicks
from wallpaint.mask.select.combine import find_wall
from wallpaint.mask.select.coordinates import parse_corners, parse_point
from wallpaint.mask.select.drawing import Polygon, Stroke, draw
from wallpaint.mask.select.layers import Layer, layers_archive, read_layers, write_layers
from wallpaint.mask.select.overlay import overlay

__all__ = [
    "Click",
    "Layer",
    "Polygon",
    "Stroke",
    "WallSelector",
    "draw",
    "find_wall",
    "layers_archive",
    "overlay",
    "parse_corners",
    "parse_point",
    "read_layers",
    "select_by_clicks",
    "write_layers",
]
