"""An engine that paints what a test wants, with the interface of `DiffusionEngine` and no model."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from wallpaint.mask import WallRegion
from wallpaint.reference import color_of


def follow(pixels: np.ndarray, wall: np.ndarray, color: np.ndarray) -> np.ndarray:
    """The reference with a little of the photo's own light: a model that learned its task."""
    picture = pixels.copy()
    light = pixels[wall].mean(axis=-1, keepdims=True)
    picture[wall] = np.clip(color + 0.25 * (light - np.median(light)), 0, 255).round()
    return picture


def fill(pixels: np.ndarray, wall: np.ndarray, color: np.ndarray) -> np.ndarray:
    """The reference pasted in."""
    picture = pixels.copy()
    picture[wall] = color
    return picture


def go_blind(pixels: np.ndarray, wall: np.ndarray, color: np.ndarray) -> np.ndarray:
    """One answer to all references."""
    return follow(pixels, wall, np.array([120, 90, 60]))


def leave(pixels: np.ndarray, wall: np.ndarray, color: np.ndarray) -> np.ndarray:
    """The photo, unpainted."""
    return pixels.copy()


class StandInEngine:
    """Paints by a function of (photo, wall, reference's median) and counts what it is asked for."""

    name, remark, batch_size, counts_steps = "stand-in", None, 8, True

    def __init__(self, paint=follow, scales=(1.0,), uses_depth=False):
        self.paint_wall, self.uses_depth = paint, uses_depth
        self.model = SimpleNamespace(reference_scales=list(scales))
        self.looked, self.painted = 0, 0

    def prepare(self, pixels: np.ndarray, region: WallRegion, depth=None):
        self.looked += 1
        return _Seen(self, pixels, region, depth if self.uses_depth else None)

    def from_noise(self):
        return self

    def describe(self):
        return {"model": "stand-in"}


@dataclass
class _Seen:
    engine: StandInEngine
    pixels: np.ndarray
    region: WallRegion
    depth: np.ndarray | None
    notes = ()

    def paint(self, references, step_done=None):
        if step_done is not None:
            step_done(1, 2)
            step_done(2, 2)
        self.engine.painted += len(references)
        return [_Picture(self, np.array(color_of(reference).rgb8)) for reference in references]

    def describe(self):
        return self.engine.describe()


@dataclass
class _Picture:
    seen: _Seen
    color: np.ndarray

    @property
    def raw(self):
        return self.seen.engine.paint_wall(self.seen.pixels, self.seen.region.is_wall, self.color)

    @property
    def picture(self):
        return follow(self.seen.pixels, self.seen.region.is_wall, self.color)

    def describe(self):
        return {"engine": "stand-in"}
