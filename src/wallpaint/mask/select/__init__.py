"""Selection of a photo's wall from clicks, brush strokes and polygons, without a trained model.

Read `surfaces` (a photo as pieces of surface and the borders between them), `growth` (a surface grown from a point),
`outline_snapping` and `clicks` (`WallSelector`); then `drawing` and `combine` (clicks and polygons together),
`coordinates`, `overlay` and `layers` (several walls in one archive). A trained model that finds walls is
`wallpaint.diffusion.WallSegmenter`.
"""

from wallpaint.mask.select.clicks import Click, WallSelector
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
    "write_layers",
]
