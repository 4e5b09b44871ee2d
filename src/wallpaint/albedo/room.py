"""A photo prepared by the albedo engine, to be painted in any colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wallpaint.albedo.color_lock import centre_aim, lock_color
from wallpaint.albedo.interreflection.prediction import predict_interreflection
from wallpaint.albedo.interreflection.surroundings import SurroundingsLight
from wallpaint.albedo.light import WallLight, read_light
from wallpaint.albedo.painting import paint_albedo
from wallpaint.albedo.perspective import lay_pattern
from wallpaint.albedo.subsample import WallSubsample, draw_subsample
from wallpaint.color import Color
from wallpaint.mask import Surroundings, WallRegion
from wallpaint.photo import FAINTEST
from wallpaint.reference import LaidTexture, color_of, median_color

_MIN_CONFIDENCE = 0.1  # mean confidence outside the wall; below it bounced light is hardly visible


@dataclass(frozen=True)
class AlbedoPicture:
    """A picture painted by the albedo engine.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB, after the colour lock.
    bounce : bool
        True if bounced light was painted outside the wall.
    """

    picture: np.ndarray
    bounce: bool
    raw: None = field(default=None, init=False)

    def describe(self) -> dict[str, str]:
        """The engine as text, for a picture's provenance."""
        return {"engine": "albedo", "bounce": "true"} if self.bounce else {"engine": "albedo"}


@dataclass(frozen=True)
class AlbedoRoom:
    """A photo whose light has been estimated, the same for every colour.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
        The wall's pixels.
    light : WallLight
        Light on the wall.
    surroundings_light : SurroundingsLight or None
        Light outside the wall; None if it stays as it is.
    """

    pixels: np.ndarray
    region: WallRegion
    light: WallLight = field(repr=False)
    surroundings_light: SurroundingsLight | None = field(default=None, repr=False)
    depth: None = field(default=None, init=False, repr=False)

    @classmethod
    def of_photo(cls, pixels: np.ndarray, region: WallRegion, *, bounce: bool = False) -> AlbedoRoom:
        """Estimate a photo's light, with interreflection on the wall predicted by the network.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB.
        region : WallRegion
        bounce : bool
            Also change the light outside the wall with the paint.
        """
        prediction = predict_interreflection(pixels, region.alpha)
        surroundings_light = SurroundingsLight.of_photo(pixels, region, prediction) if bounce else None
        return cls(pixels, region, read_light(pixels, region, prediction), surroundings_light)

    @classmethod
    def closed_form(cls, pixels: np.ndarray, region: WallRegion) -> AlbedoRoom:
        """Estimate a photo's light, (H, W, 3) uint8 sRGB, without the network: faster and less accurate."""
        return cls(pixels, region, read_light(pixels, region))

    @cached_property
    def color(self) -> Color:
        """The wall's colour in the photo, the median of its pixels."""
        return median_color(self.pixels, self.region.is_wall)

    @property
    def notes(self) -> tuple[str, ...]:
        """A note for the user if bounced light was asked for and the network's confidence is too low to show any."""
        if self.surroundings_light is None:
            return ()
        confidence = self.surroundings_light.prediction.mean_confidence
        if confidence >= _MIN_CONFIDENCE:
            return ()
        return (
            f"hardly any bounced light is painted: the network's mean confidence outside the wall is {confidence:.2f}, "
            "because the photo is unlike the rendered rooms it was trained on.",
        )

    def paint(
        self, references: Sequence[Color | LaidTexture], callback: Callable[[int, int], None] | None = None
    ) -> list[AlbedoPicture]:
        """One picture for each reference; see `wallpaint.painter.EngineRoom`. `callback` is not called."""
        bounce = self.surroundings_light is not None
        return [AlbedoPicture(self._painted(reference), bounce) for reference in references]

    def _painted(self, reference: Color | LaidTexture) -> np.ndarray:
        if isinstance(reference, Color):
            return self.paint_wall(reference)
        pattern = lay_pattern(reference.sample, self.region, reference.corners, reference.repeats)
        return self.paint_wall(color_of(reference), pattern)

    def paint_wall(self, color: Color, pattern: np.ndarray | None = None) -> np.ndarray:
        """The photo with its wall painted so that the wall's median is `color`.

        Parameters
        ----------
        color : Color
        pattern : (3, h, w) int16, optional
            From `lay_pattern`.

        Returns
        -------
        (H, W, 3) uint8
            sRGB; outside the wall, the photo's bytes unless `surroundings_light` is set.
        """
        wanted = np.array(color.srgb)
        with ThreadPoolExecutor(1) as executor:
            future = executor.submit(self._surroundings, color)
            initial_aim = wanted if color.rgb8 == self.color.rgb8 else self._initial_aim(wanted, pattern)
        surroundings = future.result()
        locked = lock_color(
            lambda aim: paint_albedo(self.light, aim, pattern, surroundings), wanted, self.region.is_wall, initial_aim
        )
        return locked.picture

    def _surroundings(self, color: Color) -> Surroundings | None:
        if self.surroundings_light is None:
            return None
        return self.surroundings_light.relit(np.maximum(color.linear, FAINTEST) / self.light.wall_color)

    @cached_property
    def _subsample(self) -> WallSubsample:
        return draw_subsample(self.light)

    def _initial_aim(self, wanted: np.ndarray, pattern: np.ndarray | None) -> np.ndarray:
        """The aim of a subsample of the wall, (3,) sRGB."""
        light, sampled_pattern = self._subsample.light, self._subsample.pattern(pattern)
        return centre_aim(lambda aim: paint_albedo(light, aim, sampled_pattern), wanted, light.region.is_wall)
