"""Texture samples: pictures of wallpaper, brick or plaster whose pattern is painted on the wall."""

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
        sRGB; repeated without gaps in both directions.

    Raises
    ------
    UnreadableImageError
        `pixels` is another kind of array.
    """

    pixels: np.ndarray

    def __post_init__(self) -> None:
        as_photo(self.pixels)

    @cached_property
    def color(self) -> Color:
        """The sample's median colour, which the wall's median gets."""
        return median_color(self.pixels, np.ones(self.pixels.shape[:2], bool))


@dataclass(frozen=True)
class LaidTexture:
    """A texture sample and its position on the wall.

    Attributes
    ----------
    sample : TextureSample
        One repeat of the pattern.
    corners : four (x, y), optional
        Corners of an upright rectangle on the wall, in pixels of the photo, clockwise from the top left; estimated from
        the mask's outline by default.
    repeats : float
        Number of repeats of the sample between the left and the right corners, > 0.
    """

    sample: TextureSample
    corners: Corners | None = None
    repeats: float = 4.0

    @property
    def color(self) -> Color:
        """The sample's median colour."""
        return self.sample.color


def color_of(reference: Color | TextureSample | LaidTexture) -> Color:
    """The colour that the wall's median gets: a colour itself, or a texture's median."""
    return reference if isinstance(reference, Color) else reference.color


def read_texture(source: Source) -> TextureSample:
    """Read a sample from an image file; the errors are those of `read_photo`."""
    return TextureSample(read_photo(source))
