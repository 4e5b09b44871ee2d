"""A texture sample: a picture of wallpaper, brick or plaster whose pattern the wall is to take on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wallpaint.color import Color
from wallpaint.errors import Source
from wallpaint.photo import as_photo, read_photo
from wallpaint.reference.dominant import median_color


@dataclass(frozen=True)
class TextureSample:
    """One repeat of a pattern.

    Attributes
    ----------
    pixels : (h, w, 3) uint8
        sRGB; laid edge to edge, left to right and top to bottom. Another array is an `UnreadableImageError`.
    """

    pixels: np.ndarray

    def __post_init__(self) -> None:
        as_photo(self.pixels)

    @cached_property
    def color(self) -> Color:
        """The median colour: what the median of a wall with this pattern is to be."""
        return median_color(self.pixels, np.ones(self.pixels.shape[:2], bool))


def read_texture(source: Source) -> TextureSample:
    """Read a sample from an image file; the errors are those of `read_photo`."""
    return TextureSample(read_photo(source))
