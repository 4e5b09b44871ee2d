"""`Repainter`, which opens photos for painting: an engine with settings for edges and colour names."""

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
from wallpaint.mask.select import find_wall, require_wall
from wallpaint.mask.turn import read_mask_of_photo
from wallpaint.painter.engine import Engine
from wallpaint.painter.room import Room
from wallpaint.photo import as_photo, read_depth, read_photo


class Repainter:
    """Opens photos for painting.

    Parameters
    ----------
    engine : "albedo" or Engine
        "albedo" keeps the light in the photo and replaces the paint. For a diffusion model see `from_pretrained`.
    edges : {"refined", "hard"}
        "refined" unmixes the edge of a binary mask by matting; "hard" changes only pixels in the mask.
    edge_width : int, optional
        Pixels on either side of a binary mask's edge that are refined, 0 to 64; by default from the photo's size.
    catalogs : iterable of Catalog or path
        Catalogues searched for colour names before CSS; a path is the path of a CSV file.
    bounce : bool
        Also paint how light from the repainted wall changes ceiling, floor and furniture. Bytes outside the mask then
        change. Only for the engine "albedo".
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
            raise SettingError("only the albedo engine paints bounced light: leave out the model, or bounce.")
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
        """Make a `Repainter` that paints with a diffusion model.

        Parameters
        ----------
        base : str or Path
            "sd15", a hub id, a diffusers folder, or a single ``.safetensors`` or ``.ckpt`` file. Nothing is downloaded;
            use ``wallpaint models pull`` for that.
        edges, edge_width, catalogs
            As in `Repainter`.
        **settings
            See `wallpaint.diffusion.load_engine`: adapter, lora, controlnet, steps, seed, precision …

        Raises
        ------
        MissingExtraError
            ``wallpaint[diffusion]`` is not installed.
        MissingWeightsError, WeightsError, SettingError
            Weights are missing or do not fit the model, or a setting is invalid; the message names the cure.
        """
        from wallpaint.diffusion import load_engine

        return cls(load_engine(base, **settings), edges=edges, edge_width=edge_width, catalogs=catalogs)

    def open(
        self,
        photo: Source | np.ndarray,
        mask: Source | np.ndarray | None = None,
        *,
        invert_mask: bool = False,
        depth: Source | np.ndarray | None = None,
    ) -> Room:
        """Read a photo and its wall mask, or find its walls, and do all work that does not depend on the colour.

        Parameters
        ----------
        photo : path or (H, W, 3) uint8
            The room; an array is sRGB.
        mask : path or (H, W), optional
            White, 1 or True is wall. The alpha of a soft mask is used unchanged. Without a mask, all walls that
            `wallpaint.find_wall` finds; `Room.found` has their confidence.
        invert_mask : bool
            Black is wall.
        depth : path or (H, W) float, optional
            Relative disparity in [0, 1], near = 1, for a diffusion model with a ControlNet; estimated if not given.

        Raises
        ------
        WallpaintError
            A file or the mask cannot be used; the message names the cure.
        UnsureWallError
            There is no mask, and the confidence in the walls found is below `LEAST_CONFIDENCE`.

        Warns
        -----
        WallpaintWarning
            A setting has no effect on this photo, or the mask needed a correction; the message names it.
        """
        pixels = as_photo(photo) if isinstance(photo, np.ndarray) else read_photo(photo)
        shape = (pixels.shape[0], pixels.shape[1])
        source = Path(photo) if isinstance(photo, str | PathLike) else None
        found = None
        if mask is None:
            if invert_mask:
                raise SettingError("there is no mask to invert: leave out invert_mask (--invert-mask).")
            found = find_wall(pixels, edges="hard")  # its edges are refined below
            alpha = require_wall(found, source)
        elif isinstance(mask, np.ndarray):
            alpha = as_mask(mask, shape, invert=invert_mask)
        elif isinstance(photo, str | PathLike):
            alpha = read_mask_of_photo(mask, photo, pixels, invert=invert_mask)
        else:
            alpha = read_mask(mask, shape, invert=invert_mask)
        region = find_region(pixels, alpha, self.edges, self.edge_width)
        near = read_depth(depth, shape) if isinstance(depth, str | PathLike) else depth
        engine_room = self.engine.look(pixels, region, near)
        for note in engine_room.notes:
            warn_of(source, note)
        return Room(pixels, region, engine_room, source, self.catalogs, found)
