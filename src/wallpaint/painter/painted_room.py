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
        Painted picture, sRGB; outside the wall every byte equals the photo's, except with bounced light.
    reference : Color or TextureSample
        The requested colour or texture.
    photo : (H, W, 3) uint8
        The photo before painting, sRGB.
    region : WallRegion
        The wall in the photo.
    engine : mapping of str to str
        Engine and settings, for the provenance.
    source : Path or None
        File of the photo; None if it was an array.
    raw : (H, W, 3) uint8 or None
        Picture before the colour lock, sRGB; None if the engine has no such picture.
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
        """The requested colour; for a texture, the median of the sample."""
        return color_of(self.reference)

    @cached_property
    def metrics(self) -> Metrics:
        """Colour fidelity and structure of the result: `measure_wall` and `compare_with_source`."""
        return self._measured(self.image)

    @cached_property
    def raw_metrics(self) -> Metrics | None:
        """`metrics` of the picture before the colour lock: the accuracy of the model alone. None without `raw`."""
        return None if self.raw is None else self._measured(self.raw)

    def _measured(self, picture: np.ndarray) -> Metrics:
        region = self.region
        return {
            **measure_wall(self.reference, picture, region.is_wall),
            **compare_with_source(self.photo, picture, region.is_pure, region.may_change),
        }

    def provenance(self) -> dict[str, str]:
        """Provenance of the picture as text: version, engine, reference, edge width, metrics."""
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
        """Write the picture with its provenance: in the file for PNG, in a ``.json`` beside it for other formats.

        Raises
        ------
        OutputError
            `path` cannot be written, or is the photo itself.
        """
        write_photo(path, self.image, metadata=self.provenance(), source=self.source)
        return Path(path)
