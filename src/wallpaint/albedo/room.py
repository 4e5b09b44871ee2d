"""A room whose light has been read, for painting in any colour by the albedo engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wallpaint.albedo.color_lock import centre_aim, lock_color
from wallpaint.albedo.interreflection.prediction import answer_of
from wallpaint.albedo.interreflection.surroundings import LightBeside
from wallpaint.albedo.light import WallLight, read_light
from wallpaint.albedo.painting import paint_albedo
from wallpaint.albedo.subsample import Rehearsal, rehearse
from wallpaint.color import Color
from wallpaint.mask import Surroundings, WallRegion
from wallpaint.photo import FAINTEST
from wallpaint.reference import median_color


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
    beside : LightBeside or None
        Where new light on what is no wall is asked for.
    """

    pixels: np.ndarray
    region: WallRegion
    light: WallLight = field(repr=False)
    beside: LightBeside | None = field(default=None, repr=False)

    @classmethod
    def of_photo(cls, pixels: np.ndarray, region: WallRegion, *, bounce: bool = False) -> AlbedoRoom:
        """Read the light of a photo, (H, W, 3) uint8 sRGB, and ask the network how its walls light each other.

        With `bounce` the wall's new light on all that is no wall is painted too.
        """
        answer = answer_of(pixels, region.alpha)
        beside = LightBeside.of_photo(pixels, region, answer) if bounce else None
        return cls(pixels, region, read_light(pixels, region, answer), beside)

    @classmethod
    def closed_form(cls, pixels: np.ndarray, region: WallRegion) -> AlbedoRoom:
        """Read the light of a photo, (H, W, 3) uint8 sRGB, and ask no network: quicker, and further from the truth."""
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
            sRGB; every byte outside the wall is the photo's, unless `beside` is there to light it.
        """
        wanted = np.array(color.srgb)
        with ThreadPoolExecutor(1) as meanwhile:
            lit = meanwhile.submit(self._surroundings, color)
            first_aim = wanted if color.rgb8 == self.color.rgb8 else self._rehearsed_aim(wanted, pattern)
        surroundings = lit.result()
        locked = lock_color(
            lambda aim: paint_albedo(self.light, aim, pattern, surroundings), wanted, self.region.is_wall, first_aim
        )
        return locked.picture

    def _surroundings(self, color: Color) -> Surroundings | None:
        if self.beside is None:
            return None
        return self.beside.in_new_light(np.maximum(color.linear, FAINTEST) / self.light.wall_color)

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return rehearse(self.light)

    def _rehearsed_aim(self, wanted: np.ndarray, pattern: np.ndarray | None) -> np.ndarray:
        trial = self._rehearsal
        trial_pattern = trial.pattern(pattern)
        return centre_aim(lambda aim: paint_albedo(trial.light, aim, trial_pattern), wanted, trial.light.region.is_wall)
