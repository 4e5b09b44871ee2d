"""A photo that has been looked at, for painting as often as you like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.albedo import AlbedoRoom, lay_pattern
from wallpaint.color import Catalog, Color, parse_color
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion
from wallpaint.painter.painted_room import Repaint, color_of
from wallpaint.reference import TextureSample, create_solid_color_reference, median_color

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionRoom

Corners = Sequence[tuple[float, float]]
StepDone = Callable[[int, int], None]
_SWATCH = 224  # pixels a side; what CLIP's image encoders see


@dataclass(frozen=True)
class Room:
    """A photo that has been looked at.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
        Where the wall is.
    source : Path or None
        The photo's file.
    """

    pixels: np.ndarray
    region: WallRegion
    source: Path | None = None
    catalogs: tuple[Catalog, ...] = ()
    _read_light: Callable[[], AlbedoRoom] = field(repr=False, kw_only=True)
    _diffusion: DiffusionRoom | None = field(default=None, repr=False, kw_only=True)

    @cached_property
    def color(self) -> Color:
        """The wall's colour as it is, the median of its pixels."""
        return median_color(self.pixels, self.region.is_wall)

    @property
    def depth(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1], near = 1: what the diffusion engine goes by; None if depth has no say."""
        return None if self._diffusion is None else self._diffusion.depth

    def paint(
        self,
        reference: str | Color | Sequence[int] | TextureSample,
        *,
        corners: Corners | None = None,
        repeats: float = 4.0,
        step_done: StepDone | None = None,
    ) -> Repaint:
        """The room with its wall in another colour, or papered with a texture.

        Parameters
        ----------
        reference : str, Color, three integers or TextureSample
            A colour in any form `parse_color` understands, or a texture sample.
        corners : four (x, y), optional
            For a texture: an upright rectangle on the wall, in pixels of the photo, clockwise from top left.
        repeats : float
            For a texture: how often it fits between the left and the right corners.
        step_done : callable, optional
            Told by the diffusion engine how many of its steps are done, and of how many.

        Raises
        ------
        ColorError, SettingError
            No such colour; corners or repeats that cannot be.
        """
        if isinstance(reference, TextureSample):
            return self._painted([reference], [lay_pattern(reference, self.region, corners, repeats)], step_done)[0]
        if corners is not None:
            raise SettingError("corners are for a texture: a plain colour has nothing to lay between them.")
        return self._painted([parse_color(reference, self.catalogs)], [None], step_done)[0]

    def palette(
        self, references: Iterable[str | Color | Sequence[int]], *, step_done: StepDone | None = None
    ) -> list[Repaint]:
        """One repaint for each colour; each costs only what depends on the colour."""
        if isinstance(references, str):
            raise SettingError(f"a palette is a list of colours: write [{references!r}].")
        colors = [parse_color(reference, self.catalogs) for reference in references]
        return self._painted(colors, [None] * len(colors), step_done)

    def _painted(
        self,
        references: Sequence[Color | TextureSample],
        patterns: Sequence[np.ndarray | None],
        step_done: StepDone | None,
    ) -> list[Repaint]:
        if self._diffusion is None:
            pictures = map(self.albedo.paint, map(color_of, references), patterns)
            return [Repaint(picture, reference, self) for picture, reference in zip(pictures, references, strict=True)]
        first = None
        if self._diffusion.starts_from_albedo:
            first = list(map(self.albedo.paint, map(color_of, references), patterns))
        walls = self._diffusion.paint(list(map(_swatch, references)), first, step_done)
        return [
            Repaint(wall.lock(np.array(color_of(reference).srgb)).picture, reference, self, wall.raw)
            for wall, reference in zip(walls, references, strict=True)
        ]

    @cached_property
    def albedo(self) -> AlbedoRoom:
        """The room as the albedo engine reads it."""
        return self._read_light()

    def describe_engine(self) -> dict[str, str]:
        """What paints here, as text for a picture's provenance."""
        if self._diffusion is None:
            return {"engine": "albedo"} if self.albedo.beside is None else {"engine": "albedo", "bounce": "true"}
        return {"engine": "diffusion", **self._diffusion.describe()}


def _swatch(reference: Color | TextureSample) -> np.ndarray:
    """(H, W, 3) uint8: what the image encoder is shown, a colour without texture or light of its own."""
    if isinstance(reference, TextureSample):
        return reference.pixels
    return np.asarray(
        create_solid_color_reference(reference.rgb8, (_SWATCH, _SWATCH), add_texture=False, add_lighting_gradient=False)
    )
