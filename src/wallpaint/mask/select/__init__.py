"""Selection of a photo's wall: automatic, from clicks, brush strokes and polygons.

Read `selector` (`WallSelector`), `find` (`find_wall`, for one selection; which walls are too uncertain to paint), then
`finders` (which pixels are wall), `local_changes` (a click changes only what it lies on), `full_resolution` (from the
networks' small picture to the photo's own pixels), `click`, `drawing`, `coordinates`, `overlay` and `layers` (several
walls in one archive).
"""

from wallpaint.mask.select.click import Click
from wallpaint.mask.select.coordinates import parse_corners, parse_point
from wallpaint.mask.select.drawing import Polygon, Stroke, draw
from wallpaint.mask.select.find import find_wall, require_wall
from wallpaint.mask.select.finders.edges import EdgesFinder
from wallpaint.mask.select.finders.finder import Finder, PhotoFinder
from wallpaint.mask.select.finders.rooms import RoomsFinder
from wallpaint.mask.select.layers import Layer, layers_archive, read_layers, write_layers
from wallpaint.mask.select.overlay import overlay
from wallpaint.mask.select.selector import LEAST_CONFIDENCE, SelectedWall, WallSelector

__all__ = [
    "LEAST_CONFIDENCE",
    "Click",
    "EdgesFinder",
    "Finder",
    "Layer",
    "PhotoFinder",
    "Polygon",
    "RoomsFinder",
    "SelectedWall",
    "Stroke",
    "WallSelector",
    "draw",
    "find_wall",
    "layers_archive",
    "overlay",
    "parse_corners",
    "parse_point",
    "read_layers",
    "require_wall",
    "write_layers",
]
