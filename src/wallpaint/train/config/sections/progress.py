"""What is looked at and kept on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from wallpaint.train.config.sections.section import Count, Section, WholeNumber


class ValidationSection(Section):
    """What is painted and measured on the way.

    Attributes
    ----------
    every : int
        Changes of the weights between validations; 0 for none on the way.
    num_validation_samples : int
    steps : int
        Of denoising.
    scheduler : str
        See `wallpaint.diffusion.sampling.schedulers.make_scheduler`.
    init : {"noise", "reference"}
        What lies under the noise at the start; see `wallpaint.diffusion.Sampling`. From anything but noise
        even an untrained base paints something of the reference's colour, so progress is measured from noise.
    strength : float or None
        How much noise that is, (0, 1]; null is all.
    emphasis : float
        How many times as strongly as in training the reference speaks, > 0.
    folder : Path or None
        Of the sheets and the ``step_000500_metrics.json``; null is ``validation`` in the output folder, to which
        ``validation_grids`` in the working folder then leads.
    """

    every: WholeNumber = 500
    num_validation_samples: Count = 50
    steps: Count = 20
    scheduler: Literal["dpm++", "ddim", "lcm", "unipc"] = "dpm++"
    init: Literal["noise", "reference"] = "noise"
    strength: Annotated[float, Field(gt=0, le=1)] | None = None
    emphasis: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    folder: Path | None = None


class CheckpointsSection(Section):
    """When training is saved so that it can go on.

    Attributes
    ----------
    every : int
        Changes of the weights between checkpoints; 0 for one at the end only.
    keep : int or None
        The last so many; null keeps all.
    """

    every: WholeNumber = 500
    keep: Count | None = 3
