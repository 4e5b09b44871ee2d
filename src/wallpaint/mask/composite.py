"""Compositing of a painted wall into its photo; no byte outside the wall changes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.mask.region import MixedPixels, WallRegion
from wallpaint.photo.encoding import bytes_to_linear, linear_to_bytes

_OTHER_PAINT = 0.25  # difference from the wall, as a share of its light, from which `removed` is taken out entirely
_FAINT = 0.004  # linear light; the least difference that counts so, for walls near black


@dataclass(frozen=True)
class Surroundings:
    """Everything outside the wall, lit by light from the repainted wall.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB; equal to the photo wherever α > 0.
    gained : (n, 3) float
        Linear light added to the part of the region's mixed pixels that is not wall; may be negative.
    """

    picture: np.ndarray
    gained: np.ndarray


def composite(
    pixels: np.ndarray,
    region: WallRegion,
    painted: np.ndarray,
    mixed: MixedPixels,
    painted_mixed: np.ndarray,
    surroundings: Surroundings | None = None,
) -> np.ndarray:
    """Composite a painted wall into its photo.

    Pure wall pixels are taken from `painted`. A mixed pixel is unmixed, not scaled: only its wall part is replaced,
    new = old + α (painted wall − removed wall), in linear light, so that the light of objects before the wall is
    unchanged.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    painted : (h, w, 3) uint8
        The painted wall over `region.window`, sRGB; used only in pure wall pixels.
    mixed : MixedPixels
        `region.mixed`, and other pixels that are not paint alone, such as highlights.
    painted_mixed : (N, 3) float
        Linear light of the painted wall in the mixed pixels.
    surroundings : Surroundings, optional
        Replaces the photo outside the wall; the first n pixels of `mixed` must be those of `surroundings.gained`.

    Returns
    -------
    (H, W, 3) uint8
        A new picture; every pixel with α = 0 equals the photo, or the surroundings if given.
    """
    picture = (pixels if surroundings is None else surroundings.picture).copy()
    cv2.copyTo(painted, region.is_pure[region.window].view(np.uint8), picture[region.window])
    if len(mixed):
        light = bytes_to_linear(pixels[mixed.rows, mixed.columns]) + mixed.alpha[:, None] * (
            painted_mixed - _removed(mixed, painted_mixed)
        )
        if surroundings is not None:
            light[: len(surroundings.gained)] += surroundings.gained
        picture[mixed.rows, mixed.columns] = linear_to_bytes(light)
    return picture


def _removed(mixed: MixedPixels, painted: np.ndarray) -> np.ndarray:
    """(N, 3) light to take out: `mixed.removed`, or the wall itself the more the paint is like it.

    So a wall painted in its own colour keeps its bytes.
    """
    other = np.maximum(_OTHER_PAINT * mixed.radiance.max(axis=1), _FAINT)
    share = np.minimum(np.abs(painted - mixed.radiance).max(axis=1) / other, 1)[:, None]
    return mixed.radiance + share * (mixed.removed - mixed.radiance)
