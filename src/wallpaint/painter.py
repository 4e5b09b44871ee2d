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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wallpaint.color import Catalog, Color, parse_color
from wallpaint.errors import SettingError, Source
from wallpaint.metrics import Metrics, compare_with_source, measure_wall
from wallpaint.photo import (
    Edges,
    WallRegion,
    as_mask,
    as_photo,
    find_region,
    read_depth,
    read_mask,
    read_photo,
    write_photo,
)
from wallpaint.reference import TextureSample, create_solid_color_reference, median_color
from wallpaint.repaint import AlbedoRoom, lay_pattern

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionEngine, DiffusionRoom

Corners = Sequence[tuple[float, float]]
StepDone = Callable[[int, int], None]
_SWATCH = 224  # pixels a side; what CLIP's image encoders see


class Repainter:
    """Opens photos for painting.

    Parameters
    ----------
    engine : "albedo" or DiffusionEngine
        What paints: "albedo" keeps the light in the photo and exchanges the paint, in closed form. For diffusion see
        `from_pretrained`.
    edges : {"refined", "hard"}
        Whether a binary mask's edge is refined by matting, or kept strictly.
    edge_width : int, optional
        Pixels to either side of a binary mask's edge that refinement may reach; by the photo's size when not given.
    catalogs : iterable of Catalog
        Where colour names are looked up, before CSS.
    """

    def __init__(
        self,
        engine: str | DiffusionEngine = "albedo",
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog] = (),
    ) -> None:
        if isinstance(engine, str) and engine != "albedo":
            raise SettingError(
                f"there is no engine {engine!r}: choose albedo, or a diffusion model by Repainter.from_pretrained."
            )
        self._diffusion = None if isinstance(engine, str) else engine
        self.edges = edges
        self.edge_width = edge_width
        self.catalogs = tuple(catalogs)

    @classmethod
    def from_pretrained(
        cls,
        base: str | Path,
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog] = (),
        **settings: Any,
    ) -> Repainter:
        """Paint with a diffusion model.

        Parameters
        ----------
        base : str or Path
            "sd15", a hub id, a diffusers folder, or a single ``.safetensors`` or ``.ckpt`` file. Nothing is downloaded
            here: ``wallpaint models pull`` does that.
        edges, edge_width, catalogs
            As in `Repainter`.
        **settings
            See `wallpaint.diffusion.load_engine`: adapter, lora, controlnet, steps, seed, precision …

        Raises
        ------
        MissingExtraError
            ``wallpaint[diffusion]`` is not installed.
        MissingWeightsError, WeightsError, SettingError
            Weights are not here or do not fit, or a setting cannot be; the message names the cure.
        """
        from wallpaint.diffusion import load_engine

        return cls(load_engine(base, **settings), edges=edges, edge_width=edge_width, catalogs=catalogs)

    @property
    def engine(self) -> str:
        """ "albedo" or "diffusion"."""
        return "albedo" if self._diffusion is None else "diffusion"

    @property
    def remark(self) -> str | None:
        """What a person may want to know of how the engine computes; None of the albedo engine."""
        return None if self._diffusion is None else f"computing in {self._diffusion.model.precision.why}"

    def open(
        self,
        photo: Source | np.ndarray,
        mask: Source | np.ndarray,
        *,
        invert_mask: bool = False,
        depth: Source | np.ndarray | None = None,
    ) -> Room:
        """Read a photo and its wall's mask, and do all the work that no colour needs.

        Parameters
        ----------
        photo : path or (H, W, 3) uint8
            sRGB.
        mask : path or (H, W)
            White, 1 or True is wall. Soft masks are taken at their word.
        invert_mask : bool
            Black is wall.
        depth : path or (H, W) float, optional
            Relative, [0, 1], near is 1; for a diffusion model with a ControlNet, which otherwise estimates it.

        Raises
        ------
        WallpaintError
            A file or a mask cannot be used; the message names the cure.
        """
        pixels = as_photo(photo) if isinstance(photo, np.ndarray) else read_photo(photo)
        shape = (pixels.shape[0], pixels.shape[1])
        if isinstance(mask, np.ndarray):
            alpha = as_mask(mask, shape, invert=invert_mask)
        else:
            alpha = read_mask(mask, shape, invert=invert_mask)
        region = find_region(pixels, alpha, self.edges, self.edge_width)
        source = Path(photo) if isinstance(photo, str | PathLike) else None
        if self._diffusion is None:
            albedo = AlbedoRoom.of_photo(pixels, region)
            return Room(pixels, region, source, self.catalogs, _read_light=lambda: albedo)
        near = read_depth(depth, shape) if isinstance(depth, str | PathLike) else depth
        seen = self._diffusion.look(pixels, region, near)
        light = partial(AlbedoRoom.of_photo, pixels, region)
        return Room(pixels, region, source, self.catalogs, _read_light=light, _diffusion=seen)


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
            pictures = map(self.albedo.paint, map(_color_of, references), patterns)
            return [Repaint(picture, reference, self) for picture, reference in zip(pictures, references, strict=True)]
        first = None
        if self._diffusion.starts_from_albedo:
            first = list(map(self.albedo.paint, map(_color_of, references), patterns))
        walls = self._diffusion.paint(list(map(_swatch, references)), first, step_done)
        return [
            Repaint(wall.lock(np.array(_color_of(reference).srgb)).picture, reference, self, wall.raw)
            for wall, reference in zip(walls, references, strict=True)
        ]

    @cached_property
    def albedo(self) -> AlbedoRoom:
        """The room as the albedo engine reads it."""
        return self._read_light()

    def describe_engine(self) -> dict[str, str]:
        """What paints here, as text for a picture's provenance."""
        if self._diffusion is None:
            return {"engine": "albedo"}
        return {"engine": "diffusion", **self._diffusion.describe()}


def _color_of(reference: Color | TextureSample) -> Color:
    return reference.color if isinstance(reference, TextureSample) else reference


def _swatch(reference: Color | TextureSample) -> np.ndarray:
    """(H, W, 3) uint8: what the image encoder is shown, a colour without texture or light of its own."""
    if isinstance(reference, TextureSample):
        return reference.pixels
    return np.asarray(
        create_solid_color_reference(reference.rgb8, (_SWATCH, _SWATCH), add_texture=False, add_lighting_gradient=False)
    )


@dataclass(frozen=True)
class Repaint:
    """A painted room.

    Attributes
    ----------
    image : (H, W, 3) uint8
        sRGB; every byte outside the wall is the photo's.
    reference : Color or TextureSample
        What was asked for.
    room : Room
    raw : (H, W, 3) uint8 or None
        As the diffusion model painted it, before the colour lock; None from the albedo engine, which has no such thing.
    """

    image: np.ndarray
    reference: Color | TextureSample
    room: Room = field(repr=False)
    raw: np.ndarray | None = None

    @property
    def color(self) -> Color:
        """The colour asked for; of a texture, its median."""
        return _color_of(self.reference)

    @cached_property
    def metrics(self) -> Metrics:
        """How true the result is: `measure_wall` and `compare_with_source`, see `wallpaint.metrics`."""
        return self._measured(self.image)

    @cached_property
    def raw_metrics(self) -> Metrics | None:
        """The same before the colour lock: how true the model itself is."""
        return None if self.raw is None else self._measured(self.raw)

    def _measured(self, picture: np.ndarray) -> Metrics:
        region = self.room.region
        return {
            **measure_wall(self.reference, picture, region.is_wall),
            **compare_with_source(self.room.pixels, picture, region.is_pure, region.alpha > 0),
        }

    def provenance(self) -> dict[str, str]:
        """What made this picture, as text: engine, version, reference, edges, metrics."""
        made_by = {f"wallpaint:{name}": value for name, value in self.room.describe_engine().items()}
        raw = {} if self.raw_metrics is None else {"wallpaint:raw_metrics": json.dumps(self.raw_metrics)}
        return {
            "Software": f"wallpaint {version('wallpaint')}",
            **made_by,
            "wallpaint:reference": str(self.color),
            "wallpaint:edge_width": str(self.room.region.edge_width),
            "wallpaint:metrics": json.dumps(self.metrics),
            **raw,
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
