"""Validation: paint rooms in colours, measure before and after the colour lock, write it down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from wallpaint.color import Color
from wallpaint.errors import MaskError, SettingError, Source
from wallpaint.evaluate.validation.files import Validation, write_validation
from wallpaint.evaluate.validation.grid import grid_pages
from wallpaint.evaluate.validation.painted_samples import Progress, open_room, paint_samples
from wallpaint.evaluate.validation.samples import ValidationSample
from wallpaint.evaluate.validation.sanity_checks import hears_references, refuse_deaf_engine, warn_of_symptoms
from wallpaint.painter import Repainter

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionEngine


def validate(
    engine: DiffusionEngine | Literal["albedo"],
    samples: Sequence[ValidationSample],
    folder: Source,
    step: int,
    *,
    progress: Progress | None = None,
) -> Validation:
    """Paint every sample, measure it against its reference on masked pixels only, and write metrics and sheets.

    The same engine, samples and step give the same files, byte for byte; no global random number is drawn.

    Parameters
    ----------
    engine : DiffusionEngine or "albedo"
        A model may be in the middle of its training.
    samples : sequence of ValidationSample
        From `room_samples` or `photo_samples`.
    folder : path
        Where ``step_000500_metrics.json`` and ``step_000500_grid_01.png`` … go.
    step : int
        Of the training.
    progress : callable, optional
        Told how many samples are painted, in fractions, and of how many.

    Raises
    ------
    SettingError
        There is no sample that can be painted; the message has the first one's fault.
    WallpaintError
        The model paints the same whatever the reference.
    OutputError
        The folder cannot be written.

    Warns
    -----
    WallpaintWarning
        Once for each kind of symptom: masks that cannot be used, walls in one flat colour, walls left as they were,
        references that are not solid, an IP-Adapter scale of 0.
    """
    painter = Repainter(engine)
    if hears_references(engine):  # a start from the reference's colour would pass for hearing
        _refuse_if_deaf(painter if isinstance(engine, str) else Repainter(engine.from_noise()), samples)
    painted = list(paint_samples(painter, samples, progress))
    warn_of_symptoms(painted)
    validation = Validation.of_samples(step, [each.record for each in painted])
    write_validation(folder, validation, grid_pages(painted))
    return validation


def _refuse_if_deaf(painter: Repainter, samples: Sequence[ValidationSample]) -> None:
    faults = []
    for sample in samples:
        try:
            room = open_room(painter, sample.photo)
        except MaskError as error:
            faults.append(f"{sample.photo.name}: {error}")
            continue
        refuse_deaf_engine(room, Color.from_rgb8(sample.color.rgb8))
        return
    raise SettingError(f"none of {len(samples)} samples can be painted, the first for this: {faults[0]}")
