"""A room whose light has been read, for painting in any colour by the albedo engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wallpaint.albedo.color_lock import centre_aim, lock_color
from wallpaint.albedo.interreflection.prediction import answer_of
from wallpaint.albedo.interreflection.surroundings import LightBeside
from wallpaint.albedo.light import WallLight, read_light
from wallpaint.albedo.painting import paint_albedo
from wallpaint.albedo.perspective import lay_pattern
from wallpaint.albedo.subsample import Rehearsal, rehearse
from wallpaint.color import Color
from wallpaint.mask import Surroundings, WallRegion
from wallpaint.photo import FAINTEST
from wallpaint.reference import LaidTexture, color_of, median_color

_LEAST_CONFIDENCE = 0.1  # mean beside the wall, below which nobody would see bounced light


@dataclass(frozen=True)
class AlbedoPicture:
    """A picture painted by the albedo engine.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB, after the colour lock.
    bounce : bool
        Whether bounced light was painted outside the wall.
    """

    picture: np.ndarray
    bounce: bool
    raw: None = field(default=None, init=False)

    def describe(self) -> dict[str, str]:
        """The engine as text, for a picture's provenance."""
        return {"engine": "albedo", "bounce": "true"} if self.bounce else {"engine": "albedo"}


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
    depth: None = field(default=None, init=False, repr=False)

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

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for the user if bounced light was asked for and the network is too unsure to paint it."""
        if self.beside is None or self.beside.answer.believed >= _LEAST_CONFIDENCE:
            return ()
        return (
            "bounced light: this is unlike the rooms that wallpaint has learnt from, so "
            "(nearly) all beside the wall keeps its light.",
        )

    def paint(
        self, references: Sequence[Color | LaidTexture], step_done: Callable[[int, int], None] | None = None
    ) -> list[AlbedoPicture]:
        """One picture for each reference; see `wallpaint.painter.EngineRoom`. `step_done` is not called."""
        return [AlbedoPicture(self._painted(reference), self.beside is not None) for reference in references]

    def _painted(self, reference: Color | LaidTexture) -> np.ndarray:
        if isinstance(reference, Color):
            return self.paint_wall(reference)
        pattern = lay_pattern(reference.sample, self.region, reference.corners, reference.repeats)
        return self.paint_wall(color_of(reference), pattern)

    def paint_wall(self, color: Color, pattern: np.ndarray | None = None) -> np.ndarray:
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
