"""Light of a room: sky behind the windows, sun through them, lamps, and the camera's white balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.rooms.illuminant import illuminant
from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.materials import Material, glowing

_MIRED = 1e6


@dataclass(frozen=True, eq=False)
class Sun:
    """Parallel sunlight.

    Attributes
    ----------
    direction : (3,) float
        Unit vector in which the light travels.
    irradiance : (3,) float
        Irradiance of a surface that faces the sun, linear RGB; the lamps' radiance times steradian has the same unit.
    """

    direction: np.ndarray
    irradiance: np.ndarray


@dataclass(frozen=True)
class Lighting:
    """The light of one room, colours as a camera balanced to `white_balance` sees them (von Kries in linear sRGB).

    Attributes
    ----------
    by_day : bool
        True if the windows are bright.
    sky, sun, lamp : float
        Colour temperatures in kelvin; single lamps vary a little around theirs.
    white_balance : float
        Colour temperature in kelvin that the camera shows as neutral: between that of the main light and 6500 K, as
        automatic balance corrects most of a tint and not all of it.
    """

    by_day: bool
    sky: float
    sun: float
    lamp: float
    white_balance: float

    def color(self, kelvin: float) -> np.ndarray:
        """(3,) linear RGB, luminance about 1."""
        return illuminant(kelvin) / illuminant(self.white_balance)

    def outdoors(self, rng: np.random.Generator) -> np.ndarray:
        """(h, w, 3) radiance of the view through a window."""
        strength = rng.uniform(6, 16) if self.by_day else rng.uniform(0.004, 0.04)
        return textures.outdoors(rng, self.color(self.sky), strength)

    def lamp_materials(self, rng: np.random.Generator) -> tuple[Material, Material]:
        """Materials of a lamp's shade and bulb, of the same colour of light."""
        color = self.color(float(np.clip(self.lamp + rng.normal(0, 250), 2300, 6500)))
        power = rng.uniform(2.5, 7) * (0.8 if self.by_day else 1.3)
        return glowing(color * power * 0.55), glowing(color * power * rng.uniform(12, 28))

    def ceiling_material(self, rng: np.random.Generator) -> Material:
        color = self.color(float(np.clip(self.lamp + rng.normal(300, 500), 2500, 6500)))
        return glowing(color * rng.uniform(5, 14))

    def sunlight(self, rng: np.random.Generator, inward: np.ndarray, along: np.ndarray) -> Sun:
        """Sun through a window of a wall: up to 60° to either side of the wall's normal, 18° to 50° high."""
        azimuth, elevation = rng.uniform(-60, 60) * np.pi / 180, rng.uniform(18, 50) * np.pi / 180
        level = np.cos(azimuth) * inward + np.sin(azimuth) * along
        direction = np.cos(elevation) * level - np.sin(elevation) * np.array([0, 0, 1.0])
        return Sun(direction, self.color(self.sun) * rng.uniform(14, 38))


def draw_lighting(rng: np.random.Generator) -> Lighting:
    by_day = bool(rng.random() < 0.75)
    sky, sun, lamp = rng.uniform(5500, 9000), rng.uniform(3600, 5400), rng.uniform(2700, 4300)
    if rng.random() < 0.15:
        lamp = rng.uniform(4500, 6300)
    prevailing, adaptation = (sky if by_day else lamp), rng.uniform(0.6, 0.95)
    mired = adaptation * _MIRED / prevailing + (1 - adaptation) * _MIRED / 6500
    return Lighting(by_day, sky, sun, lamp, _MIRED / mired)
