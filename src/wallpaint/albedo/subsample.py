"""Subsample of a wall's pixels, on which the colour lock finds its first aim quickly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.albedo.light import WallLight
from wallpaint.mask import MixedPixels, WallRegion

_COUNT = 60_000  # pixels; enough for a median to within a byte


@dataclass(frozen=True)
class WallSubsample:
    """Light of randomly drawn wall pixels, laid out as a photo one pixel high.

    Attributes
    ----------
    light : WallLight
        Of a (1, n) photo in which every pixel is wall.
    rows, columns : (n,) int
        Positions of the pixels in the window of the whole wall.
    """

    light: WallLight
    rows: np.ndarray
    columns: np.ndarray

    def pattern(self, whole: np.ndarray | None) -> np.ndarray | None:
        """(3, 1, n) int16: a pattern (3, h, w) of the whole wall, at the drawn pixels; None for None."""
        return None if whole is None else whole[:, self.rows, self.columns][:, None]


def draw_subsample(light: WallLight) -> WallSubsample:
    """Draw about 60,000 pixels of a wall, or all of a smaller wall; the same ones every time.

    Mixed pixels are drawn separately, in the same proportion.
    """
    region, window, random = light.region, light.region.window, np.random.default_rng(0)
    height, width = light.log_light[0].shape
    wall = region.is_wall[window]
    is_mixed = (light.mixed.alpha < 1) & region.is_wall[light.mixed.rows, light.mixed.columns]
    share = min(1.0, _COUNT / max(1, int(np.count_nonzero(wall))))

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
        light.mixed.removed[chosen],
    )
    strip = (slice(0, 1), slice(0, count))
    strip_region = WallRegion(region.alpha[in_photo][None], strip, region.edge_width, mixed, np.ones((1, count), bool))
    red, green, blue = (np.ascontiguousarray(plane[rows, columns][None]) for plane in light.log_light)
    strip_light = WallLight(
        pixels=light.pixels[in_photo][None],
        region=strip_region,
        wall_color=light.wall_color,
        log_light=(red, green, blue),
        mixed=mixed,
        mixed_log_light=light.mixed_log_light[chosen],
        interreflection=light.interreflection,
        compute_smoothing=lambda: np.ascontiguousarray(light.smoothing[rows, columns][None]),
        correction=None if light.correction is None else light.correction.at_pixels(rows, columns, (height, width)),
    )
    return WallSubsample(strip_light, rows, columns)
