"""Painting of validation samples with an engine, and their metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from wallpaint.color import Color, delta_e_2000, srgb_to_lab
from wallpaint.errors import MaskError
from wallpaint.evaluate.validation.samples import ValidationPhoto, ValidationSample
from wallpaint.mask import is_wall
from wallpaint.metrics import METRICS, Metrics
from wallpaint.painter import Repaint, Repainter, Room

MEASURED = (*METRICS, "delta_e_2000_median", "delta_e_2000_truth", "shading_correlation", "outside_max_change")
FEWEST_PIXELS = 10  #: pixels of wall that are needed to measure a sample
Progress = Callable[[float, int], None]  #: called with the number of painted samples, as a fraction, and the total

_NOTHING: Metrics = {**dict.fromkeys(METRICS, 0.0), "num_pixels": 0, "valid": False}


@dataclass(frozen=True, eq=False)
class PaintedSample:
    """A validation sample with its painted images and their metrics.

    Attributes
    ----------
    sample : ValidationSample
        The photo and its reference.
    raw, locked : (H, W, 3) uint8 or None
        The sRGB image before and after the colour lock; equal for the albedo engine, which has no separate lock. None
        if the photo could not be opened for painting.
    depth : (H, W) float32 or None
        The depth that the engine used, in [0, 1], near = 1; None if it used none.
    raw_metrics, locked_metrics : dict
        `compute_color_fidelity_metrics`; ``delta_e_2000_median``: CIEDE2000 of the wall's median to the reference's;
        ``shading_correlation`` and ``outside_max_change`` to the photo; ``delta_e_2000_truth``: mean CIEDE2000 to the
        ground truth over pixels that are entirely wall, if there is ground truth.
    fault : str
        Message of the error that prevented painting; empty if the sample was painted.
    """

    sample: ValidationSample
    raw: np.ndarray | None
    locked: np.ndarray | None
    depth: np.ndarray | None
    raw_metrics: Metrics
    locked_metrics: Metrics
    fault: str = ""

    @property
    def record(self) -> dict[str, object]:
        """The entry of the metrics file: name, reference, raw metrics, locked metrics under "locked", and any fault."""
        entry = {"name": self.sample.name, "reference": self.sample.color.hex}
        entry |= {"fault": self.fault} if self.fault else {}
        return {**entry, **self.raw_metrics, "locked": dict(self.locked_metrics)}


def paint_samples(
    painter: Repainter, samples: Sequence[ValidationSample], progress: Progress | None = None
) -> Iterator[PaintedSample]:
    """Paint samples in their order; consecutive samples of the same photo are painted together."""
    painted = 0
    for _, group in groupby(samples, key=lambda sample: id(sample.photo)):
        together = list(group)

        def report(done: float, painted: int = painted, count: int = len(together)) -> None:
            if progress is not None:
                progress(painted + count * done, len(samples))

        try:
            room = open_room(painter, together[0].photo)
        except MaskError as error:
            yield from _unpaintable(together, str(error))
        else:
            yield from _painted(room, together, report)
        painted += len(together)
        report(1.0)


def open_room(painter: Repainter, photo: ValidationPhoto) -> Room:
    """Open a photo for painting.

    Raises
    ------
    MaskError
        The mask has fewer than `FEWEST_PIXELS` pixels of wall, or only wall, or invalid values.
    """
    wall = int(np.count_nonzero(is_wall(photo.mask)))
    if 0 < wall < FEWEST_PIXELS:
        raise MaskError(None, f"the mask covers {wall} pixels; at least {FEWEST_PIXELS} are needed. Use a larger mask.")
    return painter.open(photo.pixels, photo.mask, depth=photo.depth)


def before_lock(repaint: Repaint) -> np.ndarray:
    """The engine's image before the colour lock, (H, W, 3) uint8 sRGB."""
    return repaint.image if repaint.raw is None else repaint.raw


def _painted(room: Room, samples: Sequence[ValidationSample], report: Callable[[float], None]) -> list[PaintedSample]:
    references = [sample.reference for sample in samples]
    colors = [reference for reference in references if isinstance(reference, Color)]
    if len(colors) == len(references):
        repaints = room.palette(colors, callback=lambda step, steps: report(step / steps))
    else:
        repaints = [room.paint(reference) for reference in references]
    return [_measured(sample, repaint, room) for sample, repaint in zip(samples, repaints, strict=True)]


def _measured(sample: ValidationSample, repaint: Repaint, room: Room) -> PaintedSample:
    raw = before_lock(repaint)
    raw_metrics = repaint.metrics if repaint.raw_metrics is None else repaint.raw_metrics
    return PaintedSample(
        sample,
        raw,
        repaint.image,
        room.depth,
        {**raw_metrics, **_to_truth(sample, raw, room)},
        {**repaint.metrics, **_to_truth(sample, repaint.image, room)},
    )


def _to_truth(sample: ValidationSample, picture: np.ndarray, room: Room) -> Metrics:
    if sample.truth is None:
        return {}
    wall = room.region.is_pure if room.region.is_pure.any() else room.region.is_wall
    labs = (srgb_to_lab(pixels[wall] / 255.0) for pixels in (picture, sample.truth))
    return {"delta_e_2000_truth": float(delta_e_2000(*labs).mean())}


def _unpaintable(samples: Sequence[ValidationSample], fault: str) -> list[PaintedSample]:
    return [PaintedSample(sample, None, None, None, _NOTHING, _NOTHING, fault) for sample in samples]
