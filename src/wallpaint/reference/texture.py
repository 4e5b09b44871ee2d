"""A texture sample: a picture of wallpaper, brick or plaster whose pattern the wall is to take on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wallpaint.color import Color
from wallpaint.errors import Source
from wallpaint.photo import as_photo, read_photo
from wallpaint.reference.dominant import median_color

Corners = Sequence[tuple[float, float]]


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


@dataclass(frozen=True)
class LaidTexture:
    """A texture sample and its place on the wall.

    Attributes
    ----------
    sample : TextureSample
    corners : four (x, y), optional
        An upright rectangle on the wall, in pixels of the photo, clockwise from top left; estimated from the mask's
        outline if not given.
    repeats : float
        How often the sample fits between the left and the right corners, > 0.
    """

    sample: TextureSample
    corners: Corners | None = None
    repeats: float = 4.0

    @property
    def color(self) -> Color:
        """The sample's median colour."""
        return self.sample.color


def color_of(reference: Color | TextureSample | LaidTexture) -> Color:
    """The colour that the wall's median is to have: a colour itself, or a texture's median."""
    return reference if isinstance(reference, Color) else reference.color


def read_texture(source: Source) -> TextureSample:
    """Read a sample from an image file; the errors are those of `read_photo`."""
    return TextureSample(read_photo(source))
