"""A few of a wall's pixels to try an aim on, before all of them are painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.albedo.light import WallLight
from wallpaint.mask import MixedPixels, WallRegion

_ENOUGH = 60_000  # pixels to tell a median byte from


@dataclass(frozen=True)
class Rehearsal:
    """A wall's light at pixels drawn at random, laid out as a photo one pixel high.

    Attributes
    ----------
    light : WallLight
        Of a (1, n) photo in which every pixel is wall.
    rows, columns : (n,) int
        Where they lie in the window of the whole wall.
    """

    light: WallLight
    rows: np.ndarray
    columns: np.ndarray

    def pattern(self, whole: np.ndarray | None) -> np.ndarray | None:
        """(3, 1, n) part of a pattern (3, h, w) laid on the whole wall."""
        return None if whole is None else whole[:, self.rows, self.columns][:, None]


def rehearse(light: WallLight) -> Rehearsal:
    """Draw the pixels; always the same ones, and all of a small wall's.

    Mixed pixels are drawn apart, in their due number.
    """
    region, window, random = light.region, light.region.window, np.random.default_rng(0)
    height, width = light.codes[0].shape
    wall = region.is_wall[window]
    is_mixed = (light.mixed.alpha < 1) & region.is_wall[light.mixed.rows, light.mixed.columns]
    share = min(1.0, _ENOUGH / max(1, int(np.count_nonzero(wall))))

    places = height * width
    drawn = np.arange(places) if share == 1 else random.integers(0, places, round(share * places))
    rows, columns = np.divmod(drawn, width)
    pure = wall[rows, columns] & region.is_pure[window][rows, columns]
    candidates = np.flatnonzero(is_mixed)
    chosen = candidates[random.random(len(candidates)) < share]
    mixed_rows, mixed_columns = light.mixed.within(window)
    rows = np.concatenate([rows[pure], mixed_rows[chosen]])
    columns = np.concatenate([columns[pure], mixed_columns[chosen]])

    in_photo = (rows + window[0].start, columns + window[1].start)
    count, first_mixed = len(rows), int(pure.sum())
    mixed = MixedPixels(
        np.zeros(len(chosen), np.intp),
        np.arange(first_mixed, count),
        light.mixed.alpha[chosen],
        light.mixed.radiance[chosen],
    )
    strip = (slice(0, 1), slice(0, count))
    strip_region = WallRegion(region.alpha[in_photo][None], strip, region.edge_width, mixed, np.ones((1, count), bool))
    red, green, blue = (np.ascontiguousarray(plane[rows, columns][None]) for plane in light.codes)
    strip_light = WallLight(
        pixels=light.pixels[in_photo][None],
        region=strip_region,
        wall_color=light.wall_color,
        codes=(red, green, blue),
        mixed=mixed,
        mixed_codes=light.mixed_codes[chosen],
        interreflection=light.interreflection,
        smoothing_source=lambda: np.ascontiguousarray(light.smoothing[rows, columns][None]),
        feedback=None if light.feedback is None else light.feedback.at(rows, columns, (height, width)),
    )
    return Rehearsal(strip_light, rows, columns)
