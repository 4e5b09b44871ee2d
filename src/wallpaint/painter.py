"""The public face: look at a photo once, then paint its wall as often as you like.

>>> from wallpaint import Repainter
>>> from wallpaint.example import example_room
>>> room = Repainter().open(*example_room())
>>> painted = room.paint("#B9A08C")
>>> bool(painted.metrics["delta_e_2000_median"] <= 0.5)
True
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from os import PathLike
from pathlib import Path

import numpy as np

from wallpaint.color import Catalog, Color, parse_color
from wallpaint.errors import SettingError, Source
from wallpaint.metrics import Metrics, compare_with_source, measure_wall
from wallpaint.photo import Edges, WallRegion, as_mask, as_photo, find_region, read_mask, read_photo, write_photo
from wallpaint.reference import TextureSample, wall_median
from wallpaint.repaint import (
    Rehearsal,
    WallLight,
    centre_aim,
    lay_pattern,
    lock_color,
    paint_albedo,
    read_light,
    rehearse,
)

Corners = Sequence[tuple[float, float]]


class Repainter:
    """Opens photos for painting.

    Parameters
    ----------
    engine : {"albedo"}
        What paints: "albedo" keeps the light in the photo and exchanges the paint, in closed form.
    edges : {"refined", "hard"}
        Whether a binary mask's edge is refined by matting, or kept strictly.
    edge_width : int, optional
        Pixels to either side of a binary mask's edge that refinement may reach; by the photo's size when not given.
    catalogs : iterable of Catalog
        Where colour names are looked up, before CSS.
    """

    def __init__(
        self,
        engine: str = "albedo",
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog] = (),
    ) -> None:
        if engine != "albedo":
            raise SettingError(f"there is no engine {engine!r}: choose albedo.")
        self.engine = engine
        self.edges = edges
        self.edge_width = edge_width
        self.catalogs = tuple(catalogs)

    def open(self, photo: Source | np.ndarray, mask: Source | np.ndarray, *, invert_mask: bool = False) -> Room:
        """Read a photo and its wall's mask, and do all the work that no colour needs.

        Parameters
        ----------
        photo : path or (H, W, 3) uint8
            sRGB.
        mask : path or (H, W)
            White, 1 or True is wall. Soft masks are taken at their word.
        invert_mask : bool
            Black is wall.

        Raises
        ------
        WallpaintError
            A file or a mask cannot be used; the message names the cure.
        """
        pixels = as_photo(photo) if isinstance(photo, np.ndarray) else read_photo(photo)
        if isinstance(mask, np.ndarray):
            alpha = as_mask(mask, pixels.shape[:2], invert=invert_mask)
        else:
            alpha = read_mask(mask, pixels.shape[:2], invert=invert_mask)
        region = find_region(pixels, alpha, self.edges, self.edge_width)
        source = Path(photo) if isinstance(photo, str | PathLike) else None
        return Room(pixels, region, read_light(pixels, region), source, self.catalogs)


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
    light: WallLight = field(repr=False)
    source: Path | None = None
    catalogs: tuple[Catalog, ...] = ()

    @cached_property
    def color(self) -> Color:
        """The wall's colour as it is, the median of its pixels."""
        return Color.from_rgb8(round(float(channel)) for channel in wall_median(self.pixels, self.region.is_wall))

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return rehearse(self.light)

    def paint(
        self,
        reference: str | Color | Sequence[int] | TextureSample,
        *,
        corners: Corners | None = None,
        repeats: float = 4.0,
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

        Raises
        ------
        ColorError, SettingError
            No such colour; corners or repeats that cannot be.
        """
        if isinstance(reference, TextureSample):
            laid = lay_pattern(reference, self.region, corners, repeats)
            return self._painted(reference, reference.color, laid)
        if corners is not None:
            raise SettingError("corners are for a texture: a plain colour has nothing to lay between them.")
        color = parse_color(reference, self.catalogs)
        return self._painted(color, color, None)

    def palette(self, references: Iterable[str | Color | Sequence[int]]) -> list[Repaint]:
        """One repaint for each colour; each costs only what depends on the colour."""
        if isinstance(references, str):
            raise SettingError(f"a palette is a list of colours: write [{references!r}].")
        colors = [parse_color(reference, self.catalogs) for reference in references]
        return [self.paint(color) for color in colors]

    def _painted(self, reference: Color | TextureSample, color: Color, pattern: np.ndarray | None) -> Repaint:
        wanted = np.array(color.srgb)
        first_aim = wanted if color.rgb8 == self.color.rgb8 else self._rehearsed_aim(wanted, pattern)
        locked = lock_color(lambda aim: paint_albedo(self.light, aim, pattern), wanted, self.region.is_wall, first_aim)
        return Repaint(locked.picture, reference, self)

    def _rehearsed_aim(self, wanted: np.ndarray, pattern: np.ndarray | None) -> np.ndarray:
        trial = self._rehearsal
        trial_pattern = trial.pattern(pattern)
        return centre_aim(lambda aim: paint_albedo(trial.light, aim, trial_pattern), wanted, trial.light.region.is_wall)


@dataclass(frozen=True)
class Repaint:
    """A painted room.

    Attributes
    ----------
    image : (H, W, 3) uint8
        sRGB; every byte outside the wall is the photo's.
    reference : Color or TextureSample
        What was asked for.
    """

    image: np.ndarray
    reference: Color | TextureSample
    room: Room = field(repr=False)
    engine: str = "albedo"

    @property
    def color(self) -> Color:
        """The colour asked for; of a texture, its median."""
        return self.reference.color if isinstance(self.reference, TextureSample) else self.reference

    @cached_property
    def metrics(self) -> Metrics:
        """How true the result is: `measure_wall` and `compare_with_source`, see `wallpaint.metrics`."""
        region = self.room.region
        return {
            **measure_wall(self.reference, self.image, region.is_wall),
            **compare_with_source(self.room.pixels, self.image, region.is_pure, region.alpha > 0),
        }

    def provenance(self) -> dict[str, str]:
        """What made this picture, as text: engine, version, reference, edges, metrics."""
        return {
            "Software": f"wallpaint {version('wallpaint')}",
            "wallpaint:engine": self.engine,
            "wallpaint:reference": str(self.color),
            "wallpaint:edge_width": str(self.room.region.edge_width),
            "wallpaint:metrics": json.dumps(self.metrics),
        }

    def save(self, path: Source) -> Path:
        """Write the picture with its provenance: in the file for PNG, in a ``.json`` beside it for others.

        Raises
        ------
        OutputError
            It cannot be written there, or that is the photo itself.
        """
        write_photo(path, self.image, metadata=self.provenance(), source=self.room.source)
        return Path(path)
