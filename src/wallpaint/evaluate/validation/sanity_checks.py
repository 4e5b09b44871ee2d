"""Sanity checks of a validation: whether the reference affects the output, and whether walls were painted."""

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

_FAR_APART = tuple(map(parse_color, ("#1b2a5c", "#e8a33d")))  # every reference is far from at least one of the two
_CELLS = 16  # cells along each side; averaging over a cell removes the noise of a swatch
_MOST_UNEVEN = 3.0  # mean CIE76 of a swatch's cells to their mean; a light gradient of ±5 % has about 0.6


def is_solid(pixels: np.ndarray) -> bool:
    """Whether a reference image shows one colour; fine noise and a slight light gradient are allowed.

    pixels : (H, W, 3) uint8 sRGB.
    """
    cells = cv2.resize(pixels, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    labs = srgb_to_lab(cells.reshape(-1, 3) / 255.0)
    return bool(delta_e_76(labs, labs.mean(axis=0)).mean() < _MOST_UNEVEN)


def has_reference_input(engine: DiffusionEngine | Literal["albedo"]) -> bool:
    """Whether the reference is an input of an engine; False, with a warning, if all IP-Adapter scales are 0."""
    if isinstance(engine, str) or any(scale != 0 for scale in engine.model.reference_scales):
        return True
    warn_of(None, "the IP-Adapter scale is 0, so the reference has no effect on the model. Set a scale above 0.")
    return False


def require_reference_effect(room: Room, reference: Color) -> None:
    """Paint a room in a reference and in a very different colour, and compare the images.

    Raises
    ------
    WallpaintError
        Both images are equal before the colour lock, so the reference has no effect on the model.
    """
    other = max(_FAR_APART, key=lambda color: float(delta_e_76(color.lab, reference.lab)))
    one, another = room.palette([reference, other])
    if np.array_equal(before_lock(one), before_lock(another)):
        raise WallpaintError(
            f"{reference.hex} and {other.hex} give the same image before the colour lock: the reference does not "
            "reach the model. Check that it is passed to the pipeline and that the IP-Adapter is trained."
        )


def warn_of_failed_checks(samples: Sequence[PaintedSample]) -> None:
    """Warn once for each failed sanity check, and once for each error that prevented painting samples."""
    for fault in dict.fromkeys(painted.fault for painted in samples if painted.fault):
        unpainted = [painted.sample.name for painted in samples if painted.fault == fault]
        warn_of(None, f"{len(unpainted)} of {len(samples)} samples ({unpainted[0]} first) were not painted: {fault}")
    for message, fails in _SANITY_CHECKS.items():
        failed = [painted.sample.name for painted in samples if fails(painted)]
        if failed:
            warn_of(None, f"{len(failed)} of {len(samples)} samples ({failed[0]} first): {message}")


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


_SANITY_CHECKS: Mapping[str, Callable[[PaintedSample], bool]] = {
    "the painted wall has one flat colour, without shading. Check that the reference is not pasted into the "
    "photo.": _is_flat,
    "the painted wall equals the photo's wall. Check that the model's output is used, not its input.": _is_unchanged,
    "the reference is not one solid colour, so the distance to its mean is not meaningful. Use a swatch of the wall's "
    "dominant colour.": _has_uneven_reference,
}
