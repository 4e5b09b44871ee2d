"""Opening photos for painting: an engine, with settings for edges and colour names."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from wallpaint.albedo import AlbedoEngine
from wallpaint.color import Catalog, read_catalog
from wallpaint.errors import SettingError, Source, warn_of
from wallpaint.mask import Edges, as_mask, find_region, read_mask
from wallpaint.mask.turn import read_mask_of_photo
from wallpaint.painter.engine import Engine
from wallpaint.painter.room import Room
from wallpaint.photo import as_photo, read_depth, read_photo


class Repainter:
    """Opens photos for painting.

    Parameters
    ----------
    engine : "albedo" or Engine
        "albedo" keeps the light in the photo and exchanges the paint. For a diffusion model see `from_pretrained`.
    edges : {"refined", "hard"}
        Whether a binary mask's edge is refined by matting, or kept strictly.
    edge_width : int, optional
        Pixels to either side of a binary mask's edge that refinement may reach; by the photo's size when not given.
    catalogs : iterable of Catalog or path
        Where colour names are looked up, before CSS; a path is that of a CSV file.
    bounce : bool
        Also paint how the wall's new light changes the rest of the room: ceiling, floor, furniture. Bytes outside the
        mask change then. A setting of the engine "albedo".
    """

    def __init__(
        self,
        engine: str | Engine = "albedo",
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog | Source] = (),
        bounce: bool = False,
    ) -> None:
        if isinstance(engine, str):
            if engine != "albedo":
                raise SettingError(
                    f"there is no engine {engine!r}: choose albedo, or a diffusion model by Repainter.from_pretrained."
                )
            engine = AlbedoEngine(bounce=bounce)
        elif bounce:
            raise SettingError("bounced light is painted by the albedo engine alone: leave the model out, or bounce.")
        self.engine: Engine = engine
        self.edges = edges
        self.edge_width = edge_width
        self.catalogs = tuple(each if isinstance(each, Catalog) else read_catalog(each) for each in catalogs)

    @classmethod
    def from_pretrained(
        cls,
        base: str | Path,
        *,
        edges: Edges = "refined",
        edge_width: int | None = None,
        catalogs: Iterable[Catalog | Source] = (),
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
            Relative, [0, 1], near is 1; for a diffusion model with a ControlNet, which estimates it if it is not given.

        Raises
        ------
        WallpaintError
            A file or a mask cannot be used; the message names the cure.

        Warns
        -----
        WallpaintWarning
            The engine cannot do for this photo what the settings ask; the message says what.
        """
        pixels = as_photo(photo) if isinstance(photo, np.ndarray) else read_photo(photo)
        shape = (pixels.shape[0], pixels.shape[1])
        if isinstance(mask, np.ndarray):
            alpha = as_mask(mask, shape, invert=invert_mask)
        elif isinstance(photo, str | PathLike):
            alpha = read_mask_of_photo(mask, photo, pixels, invert=invert_mask)
        else:
            alpha = read_mask(mask, shape, invert=invert_mask)
        region = find_region(pixels, alpha, self.edges, self.edge_width)
        source = Path(photo) if isinstance(photo, str | PathLike) else None
        near = read_depth(depth, shape) if isinstance(depth, str | PathLike) else depth
        engine_room = self.engine.look(pixels, region, near)
        for note in engine_room.notes:
            warn_of(source, note)
        return Room(pixels, region, engine_room, source, self.catalogs)
