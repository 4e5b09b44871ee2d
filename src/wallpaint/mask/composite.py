"""The byte-exact paste: painted wall into the photo, and not one byte beside it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.mask.region import MixedPixels, WallRegion
from wallpaint.photo.encoding import bytes_to_linear, linear_to_bytes


@dataclass(frozen=True)
class Surroundings:
    """All that is no wall, as new paint lights it.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB; the photo's bytes wherever there is some wall.
    gained : (n, 3) float
        Linear light that the region's mixed pixels gain where they are no wall.
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
    """Put a painted wall into its photo.

    Pure wall pixels are taken from `painted`. A mixed pixel is unmixed, not scaled: only its wall part is exchanged,
    new = old + α (painted wall − wall), in linear light, so that what stands before the wall keeps its own light.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    painted : (h, w, 3) uint8
        The painted wall over `region.window`, sRGB; looked at where the pixel is pure wall.
    mixed : MixedPixels
        `region.mixed`, and what else is not paint alone.
    painted_mixed : (N, 3) float
        Linear light of the painted wall there.
    surroundings : Surroundings, optional
        In place of the photo; `mixed` then begins with the n mixed pixels that gain.

    Returns
    -------
    (H, W, 3) uint8
        A new picture; every pixel with α = 0 has the bytes of the photo, or of the surroundings.
    """
    picture = (pixels if surroundings is None else surroundings.picture).copy()
    cv2.copyTo(painted, region.is_pure[region.window].view(np.uint8), picture[region.window])
    if len(mixed):
        light = bytes_to_linear(pixels[mixed.rows, mixed.columns]) + mixed.alpha[:, None] * (
            painted_mixed - mixed.radiance
        )
        if surroundings is not None:
            light[: len(surroundings.gained)] += surroundings.gained
        picture[mixed.rows, mixed.columns] = linear_to_bytes(light)
    return picture
