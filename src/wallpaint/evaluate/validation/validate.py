"""Validation run: paint samples, measure before and after the colour lock, write metrics and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from wallpaint.color import Color
from wallpaint.errors import MaskError, SettingError, Source
from wallpaint.evaluate.validation.files import Validation, write_validation
from wallpaint.evaluate.validation.grid import grid_pages
from wallpaint.evaluate.validation.painted_samples import Progress, open_room, paint_samples
from wallpaint.evaluate.validation.samples import ValidationSample
from wallpaint.evaluate.validation.sanity_checks import (
    has_reference_input,
    require_reference_effect,
    warn_of_failed_checks,
)
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
    """Paint every sample, compare it with its reference on masked pixels only, and write metrics and sheets.

    The same engine, samples and step give identical files. The global random generators are not used.

    Parameters
    ----------
    engine : DiffusionEngine or "albedo"
        The engine; its model can still be in training.
    samples : sequence of ValidationSample
        Samples from `room_samples` or `photo_samples`.
    folder : path
        Output folder of ``step_000500_metrics.json`` and ``step_000500_grid_01.png`` …
    step : int
        Step of the training.
    progress : callable, optional
        Called as ``progress(painted, total)`` with the number of painted samples, which can be a fraction, and the
        number of all samples.

    Raises
    ------
    SettingError
        No sample can be painted; the message has the fault of the first one.
    WallpaintError
        The reference has no effect on the output of the model.
    OutputError
        The folder cannot be written.

    Warns
    -----
    WallpaintWarning
        Once for each kind of fault: unusable masks, walls in one flat colour, unchanged walls, references that are not
        one solid colour, an IP-Adapter scale of 0.
    """
    painter = Repainter(engine)
    if has_reference_input(engine):  # from noise, because an init from the reference depends on it too
        _require_reference_effect(painter if isinstance(engine, str) else Repainter(engine.from_noise()), samples)
    painted = list(paint_samples(painter, samples, progress))
    warn_of_failed_checks(painted)
    validation = Validation.of_samples(step, [each.record for each in painted])
    write_validation(folder, validation, grid_pages(painted))
    return validation


def _require_reference_effect(painter: Repainter, samples: Sequence[ValidationSample]) -> None:
    faults = []
    for sample in samples:
        try:
            room = open_room(painter, sample.photo)
        except MaskError as error:
            faults.append(f"{sample.photo.name}: {error}")
            continue
        require_reference_effect(room, Color.from_rgb8(sample.color.rgb8))
        return
    raise SettingError(f"none of {len(samples)} samples can be painted. The fault of the first: {faults[0]}")
