"""Signs that a validation measures something else than a model that follows its reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from wallpaint.color import Color, delta_e_76, parse_color, srgb_to_lab
from wallpaint.errors import WallpaintError, warn_of
from wallpaint.evaluate.validation.painted_samples import PaintedSample, before_lock
from wallpaint.mask import is_wall
from wallpaint.painter import Room
from wallpaint.reference import TextureSample

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionEngine

_FAR_APART = tuple(map(parse_color, ("#1b2a5c", "#e8a33d")))  # any reference is far from one of the two
_CELLS = 16  # a side, over whose pixels the noise that a swatch may have averages out
_MOST_UNEVEN = 3.0  # mean CIE76 of a swatch's cells to their mean; a light gradient of ±5 % has about 0.6


def is_solid(pixels: np.ndarray) -> bool:
    """Whether a reference shows one colour, whatever fine noise and gentle light lie on it; a photo does not.

    pixels : (H, W, 3) uint8 sRGB.
    """
    cells = cv2.resize(pixels, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    labs = srgb_to_lab(cells.reshape(-1, 3) / 255.0)
    return bool(delta_e_76(labs, labs.mean(axis=0)).mean() < _MOST_UNEVEN)


def hears_references(engine: DiffusionEngine | Literal["albedo"]) -> bool:
    """Whether an engine is told the reference at all; warns where an IP-Adapter scale of 0 keeps it from being so."""
    if isinstance(engine, str) or any(scale != 0 for scale in engine.model.reference_scales):
        return True
    warn_of(None, "the IP-Adapter scale is 0: the model is not told the reference, so it cannot follow it.")
    return False


def refuse_deaf_engine(room: Room, reference: Color) -> None:
    """Paint a room in a reference and in one far from it.

    Raises
    ------
    WallpaintError
        Both pictures are the same before the colour lock: whatever is measured then, the reference has no part in it.
    """
    other = max(_FAR_APART, key=lambda color: float(delta_e_76(color.lab, reference.lab)))
    one, another = room.palette([reference, other])
    if np.array_equal(before_lock(one), before_lock(another)):
        raise WallpaintError(
            f"{reference.hex} and {other.hex} give the same picture before the colour lock: the reference does not "
            "reach the model. Is it passed to the pipeline, and is the IP-Adapter trained?"
        )


def warn_of_symptoms(samples: Sequence[PaintedSample]) -> None:
    """One `WallpaintWarning` for each kind of symptom that any sample shows, and for each fault that kept samples from
    being painted, in the words of its error."""
    for fault in dict.fromkeys(painted.fault for painted in samples if painted.fault):
        unpainted = [painted.sample.name for painted in samples if painted.fault == fault]
        warn_of(None, f"{len(unpainted)} of {len(samples)} samples ({unpainted[0]} first) are not painted: {fault}")
    for words, shows in _SYMPTOMS.items():
        ill = [painted.sample.name for painted in samples if shows(painted)]
        if ill:
            warn_of(None, f"{len(ill)} of {len(samples)} samples ({ill[0]} first): {words}")


def _is_flat(painted: PaintedSample) -> bool:
    return painted.raw is not None and bool((np.ptp(painted.raw[_wall(painted)], axis=0) == 0).all())


def _is_unchanged(painted: PaintedSample) -> bool:
    wall = _wall(painted)
    return painted.raw is not None and np.array_equal(painted.raw[wall], painted.sample.photo.pixels[wall])


def _has_uneven_reference(painted: PaintedSample) -> bool:
    reference = painted.sample.reference
    return isinstance(reference, TextureSample) and not is_solid(reference.pixels)


def _wall(painted: PaintedSample) -> np.ndarray:
    return is_wall(painted.sample.photo.mask)


_SYMPTOMS: Mapping[str, Callable[[PaintedSample], bool]] = {
    "the wall came out in one flat colour. That scores best against a swatch and is no picture of a wall; was the "
    "reference pasted into it?": _is_flat,
    "the wall came out as it was. Was the photo given back instead of what the model painted?": _is_unchanged,
    "the reference is not solid, so the distance to its mean says little. Take a swatch of the wall's dominant "
    "colour.": _has_uneven_reference,
}
