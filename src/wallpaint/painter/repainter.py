"""What opens photos: an engine, and how edges and colour names are to be understood."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wallpaint.albedo import AlbedoRoom
from wallpaint.color import Catalog
from wallpaint.errors import SettingError, Source, warn_of
from wallpaint.mask import Edges, as_mask, find_region, read_mask
from wallpaint.painter.room import Room
from wallpaint.photo import as_photo, read_depth, read_photo

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionEngine


_HARDLY_BELIEVED = 0.1  # mean confidence beside the wall below which nobody would see that bounced light was asked for


class Repainter:
    """Opens photos for painting.

    Parameters
    ----------
    engine : "albedo" or DiffusionEngine
        What paints: "albedo" keeps the light in the photo and exchanges the paint. For diffusion see
        `from_pretrained`.
    edges : {"refined", "hard"}
        Whether a binary mask's edge is refined by matting, or kept strictly.
    edge_width : int, optional
        Pixels to either side of a binary mask's edge that refinement may reach; by the photo's size when not given.
    catalogs : iterable of Catalog
        Where colour names are looked up, before CSS.
    bounce : bool
        Also paint what the wall's new light does to the rest of the room: ceiling, floor, furniture. Then bytes outside
        the mask change. Of the albedo engine alone.
    """

    def __init__(
        self,
        engine: str | DiffusionEngine = "albedo",
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog] = (),
        bounce: bool = False,
    ) -> None:
        if isinstance(engine, str) and engine != "albedo":
            raise SettingError(
                f"there is no engine {engine!r}: choose albedo, or a diffusion model by Repainter.from_pretrained."
            )
        self._diffusion = None if isinstance(engine, str) else engine
        if bounce and self._diffusion is not None:
            raise SettingError("bounced light is painted by the albedo engine alone: leave the model out, or bounce.")
        self.bounce = bounce
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

        Warns
        -----
        WallpaintWarning
            Bounced light was asked for, and the photo is unlike all that the network knows.
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
            albedo = AlbedoRoom.of_photo(pixels, region, bounce=self.bounce)
            if albedo.beside is not None and albedo.beside.answer.believed < _HARDLY_BELIEVED:
                warn_of(
                    source,
                    "bounced light: this is unlike the rooms that wallpaint has learnt from, so "
                    "(nearly) all beside the wall keeps its light.",
                )
            return Room(pixels, region, source, self.catalogs, _read_light=lambda: albedo)
        near = read_depth(depth, shape) if isinstance(depth, str | PathLike) else depth
        seen = self._diffusion.look(pixels, region, near)
        light = partial(AlbedoRoom.of_photo, pixels, region)
        return Room(pixels, region, source, self.catalogs, _read_light=light, _diffusion=seen)
