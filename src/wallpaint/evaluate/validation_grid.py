"""Validation as people look at it: a row a sample, what went in and what came out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from PIL import Image

from wallpaint.errors import WallpaintWarning
from wallpaint.evaluate.depth_map import normalize_depth_map
from wallpaint.evaluate.painted_samples import PaintedSample
from wallpaint.photo import is_wall
from wallpaint.reference import TextureSample
from wallpaint.sheet import Captioned, contact_sheet, swatch, thumbnail

ROWS = 10  #: of a page
_LONGEST = 192  # pixels of a picture
_LETTERS = 22  # that fit under it
_NOTHING = (225, 225, 225)


def validation_grid(samples: Sequence[PaintedSample]) -> np.ndarray:
    """Source | Reference | Mask | Depth | Output | Locked, and Truth where any sample has one; a row each.

    Output and Locked are before and after the colour lock; ΔE is CIEDE2000 of the wall's mean to the reference.

    Returns
    -------
    (H, W, 3) uint8
    """
    with_truth = any(painted.sample.truth is not None for painted in samples)
    rows = [_row(painted, with_truth) for painted in samples]
    return contact_sheet([cell for row in rows for cell in row], columns=len(rows[0]))


def grid_pages(samples: Sequence[PaintedSample]) -> list[np.ndarray]:
    """All samples, on pages of ten."""
    return [validation_grid(samples[first : first + ROWS]) for first in range(0, len(samples), ROWS)]


def _row(painted: PaintedSample, with_truth: bool) -> list[Captioned]:
    sample, photo = painted.sample, painted.sample.photo
    source = thumbnail(photo.pixels, _LONGEST)
    wall = is_wall(photo.mask)
    reference = sample.reference
    shown = (
        thumbnail(reference.pixels, _LONGEST)
        if isinstance(reference, TextureSample)
        else swatch(reference, (source.width, source.height))
    )
    cells = [
        (_short(photo.name), source),
        (f"reference {sample.color.hex}", shown),
        (f"mask {wall.mean():.0%}", thumbnail(np.repeat(np.uint8(255) * wall[..., None], 3, axis=-1), _LONGEST)),
        _depth(painted, source.size),
        (_caption("output", painted.raw_metrics), _picture(painted.raw, source.size)),
        (_caption("locked", painted.locked_metrics), _picture(painted.locked, source.size)),
    ]
    return [*cells, ("truth", _picture(sample.truth, source.size))] if with_truth else cells


def _depth(painted: PaintedSample, size: tuple[int, int]) -> Captioned:
    depth = painted.sample.photo.depth if painted.depth is None else painted.depth
    if depth is None:
        return "no depth", _picture(None, size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)  # a flat depth map can be seen to be one
        picture = normalize_depth_map(depth)
    return "depth" if painted.depth is not None else "depth, not used", _picture(picture, size)


def _picture(pixels: np.ndarray | None, size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, _NOTHING) if pixels is None else thumbnail(pixels, _LONGEST)


def _caption(name: str, metrics: dict[str, float | int | bool]) -> str:
    return f"{name} ΔE {metrics['delta_e_2000']:.2f}" if metrics["valid"] else f"{name}: nothing"


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 2]}.."
