"""Tone response: one curve a channel, from the light on a wall to the light of the wall in new paint.

Walls light each other. Where the share c of the light returns to the wall, a wall of reflectance ρ shows
ρE / (1 − cρ) of the light E that first falls on it. So paint changes the depth of a wall's shadows as well as its
colour: corners get lighter between pale walls and darker between dark walls. c is large where little direct light
falls, and so it can be estimated, roughly, from the shading alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.albedo.log_light import (
    LINEAR_OF_LOG_LIGHT,
    LN_OF_LOG_LIGHT,
    LOG_LIGHT_COUNT,
    LOG_LIGHT_OF_ONE,
    STEPS_PER_NEPER,
)
from wallpaint.mask import WallRegion

_WHITE_PAINT = 0.85  # reflectance of white paint, the highest assumed for any wall
_MAX_RETURNED = 0.8
_MIN_HEADROOM, _EXPONENT = 0.05, 0.45  # the lowest contrast factor is 0.05 ** 0.45, about a quarter


@dataclass(frozen=True)
class ClosedFormInterreflection:
    """Share of light that returns to the wall, c = `middle` − `slope` · ln(shading), limited to [0, 0.8].

    Both numbers were fitted to rendered rooms, none of them RepaintBench's. The slope grows with the share of the
    picture that the wall's bounding rectangle takes: walls around a room light each other more than a single wall does.

    Attributes
    ----------
    middle : float
        c at the wall's median, [0, 0.8].
    slope : float
        Decrease of c for each neper of shading, ≥ 0.
    """

    middle: float
    slope: float

    @classmethod
    def of_region(cls, region: WallRegion) -> ClosedFormInterreflection:
        """The fitted numbers for a wall of this extent."""
        rows, columns = region.window
        extent = (rows.stop - rows.start) * (columns.stop - columns.start) / region.alpha.size
        return cls(middle=0.35, slope=float(np.clip(0.6 * (extent - 0.35), 0.05, 0.18)))

    def returned(self, log_shading: np.ndarray) -> np.ndarray:
        """c for ln of light relative to the wall's median, any shape."""
        return np.clip(self.middle - self.slope * log_shading, 0, _MAX_RETURNED)

    def log_change(self, log_shading: np.ndarray, old: float, new: float) -> np.ndarray:
        """ln of the shading's change when the reflectance goes from `old` to `new`; 0 at the wall's median."""

        def log_gain(returned: np.ndarray | float) -> np.ndarray:
            return np.log1p(-returned * old) - np.log1p(-returned * new)

        return log_gain(self.returned(log_shading)) - log_gain(self.middle)


def reflectances(wall_color: np.ndarray, painted_color: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reflectances of the old and the new paint, estimated from their colours.

    A photo shows only their ratio. The paler of the two is taken as white paint, the upper limit; where that is wrong,
    both paints are dark and walls hardly light each other.

    Two (3,) linear colours → two (3,) arrays in (0, 0.85].
    """
    white = max(float(wall_color.max()), float(painted_color.max())) / _WHITE_PAINT
    return wall_color / white, painted_color / white


def contrast_factor(log_needed: float, log_headroom: float) -> float:
    """Factor on the log shading of pale paint, so that the wall's bright parts fit below white.

    Half of a wall is brighter than its median. Where the median is nearly white, that half would be compressed while
    the other keeps its contrast; a common factor keeps the shading in proportion.

    Parameters
    ----------
    log_needed : float
        ln of the wall's bright parts over its median, ≥ 0.
    log_headroom : float
        ln of white over the aim, ≥ 0.

    Returns
    -------
    float
        In (0, 1]; 1 where the bright parts fit.
    """
    if log_needed <= log_headroom:
        return 1.0
    return max(log_headroom / log_needed, _MIN_HEADROOM) ** _EXPONENT


def tone_response_curve(
    interreflection: ClosedFormInterreflection,
    old: float,
    new: float,
    aim: float,
    median: int,
    contrast: float = 1.0,
) -> np.ndarray:
    """Log light of the painted wall (1 = diffuse white) for every log light on the wall.

    Parameters
    ----------
    interreflection : ClosedFormInterreflection
    old, new : float
        Reflectances in this channel.
    aim : float
        Linear light that the wall's median gets, (0, 1].
    median : int
        Log light of the wall's median.
    contrast : float
        Factor on the log shading, (0, 1]; see `contrast_factor`.

    Returns
    -------
    (65536,) uint16
        Not decreasing; the log light of `aim` at `median`.
    """
    log_shading = LN_OF_LOG_LIGHT - LN_OF_LOG_LIGHT[median]
    ln_light = np.log(aim) + contrast * (log_shading + interreflection.log_change(log_shading, old, new))
    return np.clip(np.rint(LOG_LIGHT_OF_ONE + STEPS_PER_NEPER * ln_light), 0, LOG_LIGHT_COUNT - 1).astype(np.uint16)


def display_curve(aim: float, brightest: int) -> np.ndarray:
    """Linear light to display for every log light, with highlights rolled off below white.

    Parameters
    ----------
    aim : float
        Linear light of the wall's median, [0, 1]; it stays as it is.
    brightest : int
        Log light of the brightest part that must not clip.

    Returns
    -------
    (65536,) float64
        In [0, 1], not decreasing.
    """
    return roll_off_highlights(LINEAR_OF_LOG_LIGHT, aim, float(LINEAR_OF_LOG_LIGHT[brightest]))


def roll_off_highlights(light: np.ndarray, aim: float, brightest: float) -> np.ndarray:
    """Light with its highlights compressed below white instead of clipped, as film does.

    A rational shoulder. It starts a third of the way from the aim to white, with slope 1, and reaches white at
    `brightest`.

    Parameters
    ----------
    light : float array of any shape
        Linear light, ≥ 0.
    aim, brightest : float
        Linear light of the wall's median and of its brightest part.

    Returns
    -------
    array of the same shape
        In [0, 1].
    """
    start = aim + (1 - aim) / 3
    room = 1 - start
    if brightest > 1 and room > 0:
        over = np.maximum(light - start, 0) / room
        bent = start + room * over / (1 + over * (1 - room / (brightest - start)))
        light = np.where(light > start, bent, light)
    return np.clip(light, 0, 1)
