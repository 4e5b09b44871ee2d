"""Contact sheets of a validation: one row for each sample with its inputs and outputs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from PIL import Image

from wallpaint.errors import WallpaintWarning
from wallpaint.evaluate.validation.depth_map import normalize_depth_map
from wallpaint.evaluate.validation.painted_samples import PaintedSample
from wallpaint.mask import is_wall
from wallpaint.reference import TextureSample
from wallpaint.sheet import Captioned, contact_sheet, swatch

ROWS = 10  #: rows of a page
_WIDTH = 192  # pixels of every image, wide enough for its caption
_MOST_LETTERS = 22  # of a caption
_NOTHING = (225, 225, 225)


def validation_grid(samples: Sequence[PaintedSample]) -> np.ndarray:
    """One row for each sample: Source | Reference | Mask | Depth | Output | Locked, and Truth if a sample has it.

    Output is before the colour lock, Locked after it; ΔE is the CIEDE2000 between the wall's mean and the reference.

    Returns
    -------
    (H, W, 3) uint8
    """
    with_truth = any(painted.sample.truth is not None for painted in samples)
    rows = [_row(painted, with_truth) for painted in samples]
    return contact_sheet([cell for row in rows for cell in row], columns=len(rows[0]))


def grid_pages(samples: Sequence[PaintedSample]) -> list[np.ndarray]:
    """Sheets of all samples, ten on each page."""
    return [validation_grid(samples[first : first + ROWS]) for first in range(0, len(samples), ROWS)]


def _row(painted: PaintedSample, with_truth: bool) -> list[Captioned]:
    sample, photo = painted.sample, painted.sample.photo
    source, wall = _shown(photo.pixels), is_wall(photo.mask)
    nothing = Image.new("RGB", source.size, _NOTHING)
    reference = sample.reference
    cells = [
        (_short(photo.name), source),
        (
            f"reference {sample.color.hex}",
            _shown(reference.pixels) if isinstance(reference, TextureSample) else swatch(reference, source.size),
        ),
        (f"mask {wall.mean():.0%}", _shown(np.repeat(np.uint8(255) * wall[..., None], 3, axis=-1))),
        _depth(painted) or ("no depth", nothing),
        (_caption("output", painted.raw_metrics), nothing if painted.raw is None else _shown(painted.raw)),
        (_caption("locked", painted.locked_metrics), nothing if painted.locked is None else _shown(painted.locked)),
    ]
    truth = nothing if sample.truth is None else _shown(sample.truth)
    return [*cells, ("truth", truth)] if with_truth else cells


def _depth(painted: PaintedSample) -> Captioned | None:
    depth = painted.sample.photo.depth if painted.depth is None else painted.depth
    if depth is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)  # the sheet itself shows that a depth map is flat
        picture = normalize_depth_map(depth)
    return "depth, not used" if painted.depth is None else "depth", _shown(picture)


def _shown(pixels: np.ndarray) -> Image.Image:
    height, width = pixels.shape[:2]
    method = Image.Resampling.LANCZOS if width > _WIDTH else Image.Resampling.NEAREST
    return Image.fromarray(pixels).resize((_WIDTH, max(1, round(_WIDTH * height / width))), method)


def _caption(name: str, metrics: dict[str, float | int | bool]) -> str:
    return f"{name} ΔE {metrics['delta_e_2000']:.2f}" if metrics["valid"] else f"{name}: nothing"


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 2]}.."
