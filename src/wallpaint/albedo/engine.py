"""The albedo engine: prepare a photo once, then paint it in any colour (implements `wallpaint.painter.Engine`)."""

from __future__ import annotations

import numpy as np

from wallpaint.albedo.room import AlbedoRoom
from wallpaint.mask import WallRegion


class AlbedoEngine:
    """Keeps the light in the photo and exchanges the paint.

    Parameters
    ----------
    bounce : bool
        Also paint how the wall's new light changes the rest of the room: ceiling, floor, furniture. Bytes outside the
        mask change then.
    """

    name = "albedo"
    remark = None
    batch_size = 1
    counts_steps = False

    def __init__(self, *, bounce: bool = False) -> None:
        self.bounce = bounce

    def prepare(self, pixels: np.ndarray, region: WallRegion, depth: np.ndarray | None = None) -> AlbedoRoom:
        """Read the light of a photo, (H, W, 3) uint8 sRGB. `depth` is not used."""
        return AlbedoRoom.of_photo(pixels, region, bounce=self.bounce)
