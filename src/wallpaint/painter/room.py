"""`Room`: an opened photo, which can be painted in any number of colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from wallpaint.color import Catalog, Color, parse_color
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion
from wallpaint.mask.select import SelectedWall
from wallpaint.painter.engine import Callback, EngineRoom
from wallpaint.painter.painted_room import Repaint
from wallpaint.reference import Corners, LaidTexture, TextureSample, median_color


@dataclass(frozen=True)
class Room:
    """A photo opened for painting.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
        The wall in the photo.
    engine_room : EngineRoom
        The photo as prepared by the engine.
    source : Path or None
        File of the photo; None if it was an array.
    catalogs : tuple of Catalog
        Catalogues searched for colour names before CSS.
    found : SelectedWall or None
        The wall as it was found, with its confidence; None if a mask was given.
    """

    pixels: np.ndarray
    region: WallRegion
    engine_room: EngineRoom = field(repr=False)
    source: Path | None = None
    catalogs: tuple[Catalog, ...] = ()
    found: SelectedWall | None = field(default=None, repr=False)

    @cached_property
    def color(self) -> Color:
        """The colour of the wall in the photo: the median of its pixels."""
        return median_color(self.pixels, self.region.is_wall)

    @property
    def depth(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1], near = 1: the depth map the engine uses; None if it uses none."""
        return self.engine_room.depth

    def paint(
        self,
        reference: str | Color | Sequence[int] | TextureSample,
        *,
        corners: Corners | None = None,
        repeats: float = 4.0,
        callback: Callback | None = None,
    ) -> Repaint:
        """Paint the wall in another colour, or cover it with a texture.

        Parameters
        ----------
        reference : str, Color, three integers or TextureSample
            A colour in any notation of `parse_color`, or a texture sample.
        corners : four (x, y), optional
            For a texture: corners of an upright rectangle on the wall, in pixels of the photo, clockwise from top left.
        repeats : float
            For a texture: number of repeats between the left and the right corners.
        callback : callable, optional
            ``callback(step, steps)`` is called after each step by engines that work in steps.

        Raises
        ------
        ColorError, SettingError
            The colour does not exist; the corners or the repeats are invalid.
        """
        if isinstance(reference, TextureSample):
            return self._painted([LaidTexture(reference, corners, repeats)], callback)[0]
        if corners is not None:
            raise SettingError("corners are only for a texture. Leave them out for a plain colour.")
        return self._painted([parse_color(reference, self.catalogs)], callback)[0]

    def palette(
        self, references: Iterable[str | Color | Sequence[int]], *, callback: Callback | None = None
    ) -> list[Repaint]:
        """Paint one picture for each colour; only the work that depends on the colour is repeated."""
        if isinstance(references, str):
            raise SettingError(f"a palette is a list of colours: write [{references!r}].")
        return self._painted([parse_color(reference, self.catalogs) for reference in references], callback)

    def _painted(self, references: Sequence[Color | LaidTexture], callback: Callback | None) -> list[Repaint]:
        pictures = self.engine_room.paint(references, callback)
        return [
            Repaint(
                painted.picture,
                reference.sample if isinstance(reference, LaidTexture) else reference,
                raw=painted.raw,
                photo=self.pixels,
                region=self.region,
                engine=painted.describe(),
                source=self.source,
            )
            for painted, reference in zip(pictures, references, strict=True)
        ]
