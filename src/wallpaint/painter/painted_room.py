"""A painted room: the picture, what was asked for, and how true it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.color import Color
from wallpaint.errors import Source
from wallpaint.metrics import Metrics, compare_with_source, measure_wall
from wallpaint.photo import write_photo
from wallpaint.reference import TextureSample

if TYPE_CHECKING:
    from wallpaint.painter.room import Room


@dataclass(frozen=True)
class Repaint:
    """A painted room.

    Attributes
    ----------
    image : (H, W, 3) uint8
        sRGB; every byte outside the wall is the photo's, unless bounced light was asked for.
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


def color_of(reference: Color | TextureSample) -> Color:
    """A colour itself, or a texture's median."""
    return reference.color if isinstance(reference, TextureSample) else reference
