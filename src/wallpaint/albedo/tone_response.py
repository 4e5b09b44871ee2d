"""How light on a wall turns into the light of a painted wall: one curve a channel.

Walls light each other. Where light returns to the wall with probability c, a wall of reflectance ρ shows
ρE / (1 − cρ) of the light E that first falls on it, so paint changes not only the colour of a wall but the depth of its
shadows: between pale walls corners fill up, between dark walls they deepen. c is large where little direct light
falls, and so can be told, roughly, from the shading itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.albedo.log_light import CODE_COUNT, CODES_PER_NEPER, LIGHT_OF_CODE, LOG_OF_CODE, UNIT_CODE
from wallpaint.mask import WallRegion

_PALEST = 0.85  # reflectance of white paint; nothing on a wall is taken to be brighter
_MOST_RETURNED = 0.8
_LEAST_ROOM, _YIELD = 0.05, 0.45  # how far contrast gives way: to about a quarter of it where there is no room at all


@dataclass(frozen=True)
class Interreflection:
    """The share of light that returns to the wall, c = `middle` − `slope` · ln(shading), within [0, 0.8].

    Both numbers were fitted to rendered rooms, none of them RepaintBench's. The slope grows with the stretch of the
    picture the wall takes up: one that goes around the room lights itself more than one that stands alone.
    """

    middle: float
    slope: float

    @classmethod
    def of_region(cls, region: WallRegion) -> Interreflection:
        rows, columns = region.window
        extent = (rows.stop - rows.start) * (columns.stop - columns.start) / region.alpha.size
        return cls(middle=0.35, slope=float(np.clip(0.6 * (extent - 0.35), 0.05, 0.18)))

    def returned(self, log_shading: np.ndarray) -> np.ndarray:
        """c for ln of light relative to the wall's middle, any shape."""
        return np.clip(self.middle - self.slope * log_shading, 0, _MOST_RETURNED)

    def log_change(self, log_shading: np.ndarray, old: float, new: float) -> np.ndarray:
        """ln of what changes in the shading when reflectance goes from `old` to `new`; 0 at the wall's middle."""

        def log_feedback(returned: np.ndarray | float) -> np.ndarray:
            return np.log1p(-returned * old) - np.log1p(-returned * new)

        return log_feedback(self.returned(log_shading)) - log_feedback(self.middle)


def reflectances(wall_color: np.ndarray, painted_color: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reflectances of the old and the new paint, as far as a photo tells them.

    Only their ratio can be measured. The paler of the two is taken for as pale as paint gets: a bound
    either way, and where it is wrong both paints are dark and walls hardly light each other.

    Two (3,) linear colours → two (3,) arrays in (0, 0.85].
    """
    white = max(float(wall_color.max()), float(painted_color.max())) / _PALEST
    return wall_color / white, painted_color / white


def contrast_within_reach(log_needed: float, log_room: float) -> float:
    """Factor on the log shading of paint so pale that the wall's bright parts have no room above it.

    Half of a wall is brighter than its median. Where the median is to be nearly white, that half would be pressed
    flat while the other keeps all its depth; drawing both in keeps the shading in proportion to what it was.

    log_needed : ln of the wall's bright parts over its median; log_room : ln of white over the aim; both ≥ 0.

    Returns a number in (0, 1]: 1 where there is room.
    """
    if log_needed <= log_room:
        return 1.0
    return max(log_room / log_needed, _LEAST_ROOM) ** _YIELD


def respond(
    interreflection: Interreflection, old: float, new: float, aim: float, middle_code: int, contrast: float = 1.0
) -> np.ndarray:
    """Codes of the painted wall's light (1 = diffuse white) for every code of light on the wall.

    Parameters
    ----------
    interreflection : Interreflection
    old, new : float
        Reflectances in this channel.
    aim : float
        Linear light the middle of the wall is to have, (0, 1].
    middle_code : int
        Code of the wall's median light.
    contrast : float
        Factor on the log shading, (0, 1]; see `contrast_within_reach`.

    Returns
    -------
    (65536,) uint16
        Not decreasing; the code of `aim` at `middle_code`.
    """
    log_shading = LOG_OF_CODE - LOG_OF_CODE[middle_code]
    log_light = np.log(aim) + contrast * (log_shading + interreflection.log_change(log_shading, old, new))
    return np.clip(np.rint(UNIT_CODE + CODES_PER_NEPER * log_light), 0, CODE_COUNT - 1).astype(np.uint16)


def develop(aim: float, brightest_code: int) -> np.ndarray:
    """Linear light a screen is to show for every code of light.

    Parameters
    ----------
    aim : float
        Linear light of the wall's middle, [0, 1]: left as it is.
    brightest_code : int
        Code of the brightest light that must not clip.

    Returns
    -------
    (65536,) float64
        In [0, 1], not decreasing.
    """
    return below_white(LIGHT_OF_CODE, aim, float(LIGHT_OF_CODE[brightest_code]))


def below_white(light: np.ndarray, aim: float, brightest: float) -> np.ndarray:
    """Light above the aim bent so that the brightest stays below white, as film does, instead of clipping.

    A rational shoulder with slope 1 where it starts, a third of the way from the aim to white, and 1 at the brightest.

    light : float of any shape, ≥ 0; aim, brightest : linear light. Returns light in [0, 1].
    """
    start = aim + (1 - aim) / 3
    room = 1 - start
    if brightest > 1 and room > 0:
        over = np.maximum(light - start, 0) / room
        bent = start + room * over / (1 + over * (1 - room / (brightest - start)))
        light = np.where(light > start, bent, light)
    return np.clip(light, 0, 1)
