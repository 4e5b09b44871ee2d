"""References for painting: the dominant colour of a wall, a clean swatch of a colour, a texture sample.

Read `dominant`, then `swatch` (the picture that an image encoder gets), then `texture`.
"""

from wallpaint.reference.dominant import METHODS, extract_dominant_color, interpolated_median, median_color, wall_median
from wallpaint.reference.swatch import create_solid_color_reference
from wallpaint.reference.texture import Corners, LaidTexture, TextureSample, color_of, read_texture

__all__ = [
    "METHODS",
    "Corners",
    "LaidTexture",
    "TextureSample",
    "color_of",
    "create_solid_color_reference",
    "extract_dominant_color",
    "interpolated_median",
    "median_color",
    "read_texture",
    "wall_median",
]
