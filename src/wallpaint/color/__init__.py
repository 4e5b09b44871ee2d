"""Colour science: colour spaces, colour differences, parsing of colours, catalogues of named colours.

The functions of `spaces` and `difference` accept numpy arrays and torch tensors. Catalogues are the only files read
here. Read `spaces`, then `difference`, then `solid`, `catalog` and `parse`.
"""

from wallpaint.color.catalog import Catalog, css_colors, nearest_of_all, read_catalog
from wallpaint.color.difference import delta_e_76, delta_e_2000, hue_difference
from wallpaint.color.parse import MAX_COLOR_LENGTH, parse_color
from wallpaint.color.solid import Color
from wallpaint.color.spaces import (
    lab_to_lch,
    lab_to_linear,
    lab_to_srgb,
    lab_to_xyz,
    lch_to_lab,
    linear_to_lab,
    linear_to_srgb,
    linear_to_xyz,
    luminance,
    srgb_to_lab,
    srgb_to_linear,
    xyz_to_lab,
    xyz_to_linear,
)

__all__ = [
    "MAX_COLOR_LENGTH",
    "Catalog",
    "Color",
    "css_colors",
    "delta_e_76",
    "delta_e_2000",
    "hue_difference",
    "lab_to_lch",
    "lab_to_linear",
    "lab_to_srgb",
    "lab_to_xyz",
    "lch_to_lab",
    "linear_to_lab",
    "linear_to_srgb",
    "linear_to_xyz",
    "luminance",
    "nearest_of_all",
    "parse_color",
    "read_catalog",
    "srgb_to_lab",
    "srgb_to_linear",
    "xyz_to_lab",
    "xyz_to_linear",
]
