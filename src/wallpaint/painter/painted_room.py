"""A painted room: the picture, its reference, and its metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np

from wallpaint.color import Color
from wallpaint.errors import Source
from wallpaint.mask import WallRegion
from wallpaint.metrics import Metrics, compare_with_source, measure_wall
from wallpaint.photo import write_photo
from wallpaint.reference import TextureSample, color_of


@dataclass(frozen=True)
class Repaint:
    """A painted room.

    Attributes
    ----------
    image : (H, W, 3) uint8
        sRGB; every byte outside the wall is the photo's, unless bounced light was asked for.
    reference : Color or TextureSample
        The wanted colour or texture.
    photo : (H, W, 3) uint8
        The photo before painting.
    region : WallRegion
        Where the wall is.
    engine : mapping of str to str
        Engine and settings, for the provenance.
    source : Path or None
        The photo's file.
    raw : (H, W, 3) uint8 or None
        The picture before the colour lock, from engines that have one.
    """

    image: np.ndarray
    reference: Color | TextureSample
    photo: np.ndarray = field(repr=False, kw_only=True)
    region: WallRegion = field(repr=False, kw_only=True)
    engine: Mapping[str, str] = field(kw_only=True)
    source: Path | None = field(default=None, kw_only=True)
    raw: np.ndarray | None = field(default=None, repr=False, kw_only=True)

    @property
    def color(self) -> Color:
        """The colour asked for; of a texture, its median."""
        return color_of(self.reference)

    @cached_property
    def metrics(self) -> Metrics:
        """How true the result is: `measure_wall` and `compare_with_source`, see `wallpaint.metrics`."""
        return self._measured(self.image)

    @cached_property
    def raw_metrics(self) -> Metrics | None:
        """The same before the colour lock: how true the model itself is."""
        return None if self.raw is None else self._measured(self.raw)

    def _measured(self, picture: np.ndarray) -> Metrics:
        region = self.region
        return {
            **measure_wall(self.reference, picture, region.is_wall),
            **compare_with_source(self.photo, picture, region.is_pure, region.may_change),
        }

    def provenance(self) -> dict[str, str]:
        """What made this picture, as text: engine, version, reference, edges, metrics."""
        made_by = {f"wallpaint:{name}": value for name, value in self.engine.items()}
        raw = {} if self.raw_metrics is None else {"wallpaint:raw_metrics": json.dumps(self.raw_metrics)}
        return {
            "Software": f"wallpaint {version('wallpaint')}",
            **made_by,
            "wallpaint:reference": str(self.color),
            "wallpaint:edge_width": str(self.region.edge_width),
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
        write_photo(path, self.image, metadata=self.provenance(), source=self.source)
        return Path(path)
