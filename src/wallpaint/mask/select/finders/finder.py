"""What a finder is: something that tells which pixels of a photo are wall, from clicks or without any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from wallpaint.mask.select.click import Click


class PhotoFinder(Protocol):
    """A finder's analysis of one photo, made once and used for any number of calls."""

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """Probability that each pixel is the wall meant.

        Parameters
        ----------
        clicks : sequence of Click
            Inside the photo, in the order they were made, coordinates in the photo's pixels. Without clicks all walls
            are meant; with clicks the surfaces in the paint of the keeping ones.
        previous : (h, w) float32, optional
            Probability before the last click, of any size; finders may ignore it.
        plane : bool
            True if only the flat surfaces at the keeping clicks are meant, up to their corners.

        Returns
        -------
        (h, w) float32
            In [0, 1], of a size that the finder chooses; it covers the whole photo.

        Raises
        ------
        SettingError
            The finder needs clicks and there are none.
        """
        ...


class Finder(Protocol):
    """Something that finds walls.

    Attributes
    ----------
    automatic : bool
        Whether it finds walls without clicks.
    """

    automatic: bool

    def look(self, pixels: np.ndarray) -> PhotoFinder:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB, upright."""
        ...
