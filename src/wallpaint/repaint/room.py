"""A room whose light has been read, for painting in any colour by the albedo engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wallpaint.color import Color
from wallpaint.photo import WallRegion
from wallpaint.reference import median_color
from wallpaint.repaint.albedo import paint_albedo
from wallpaint.repaint.light import WallLight, read_light
from wallpaint.repaint.lock import centre_aim, lock_color
from wallpaint.repaint.rehearsal import Rehearsal, rehearse


@dataclass(frozen=True)
class AlbedoRoom:
    """A photo's light, read once.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
        Where the wall is.
    light : WallLight
    """

    pixels: np.ndarray
    region: WallRegion
    light: WallLight = field(repr=False)

    @classmethod
    def of_photo(cls, pixels: np.ndarray, region: WallRegion) -> AlbedoRoom:
        """Read the light of a photo, (H, W, 3) uint8 sRGB."""
        return cls(pixels, region, read_light(pixels, region))

    @cached_property
    def color(self) -> Color:
        """The wall's colour as it is, the median of its pixels."""
        return median_color(self.pixels, self.region.is_wall)

    def paint(self, color: Color, pattern: np.ndarray | None = None) -> np.ndarray:
        """The photo with its wall painted, the median of which is `color`.

        Parameters
        ----------
        color : Color
        pattern : (3, h, w) int16, optional
            From `lay_pattern`.

        Returns
        -------
        (H, W, 3) uint8
            sRGB; every byte outside the wall is the photo's.
        """
        wanted = np.array(color.srgb)
        first_aim = wanted if color.rgb8 == self.color.rgb8 else self._rehearsed_aim(wanted, pattern)
        locked = lock_color(lambda aim: paint_albedo(self.light, aim, pattern), wanted, self.region.is_wall, first_aim)
        return locked.picture

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return rehearse(self.light)

    def _rehearsed_aim(self, wanted: np.ndarray, pattern: np.ndarray | None) -> np.ndarray:
        trial = self._rehearsal
        trial_pattern = trial.pattern(pattern)
        return centre_aim(lambda aim: paint_albedo(trial.light, aim, trial_pattern), wanted, trial.light.region.is_wall)
