"""The sections `validation` and `checkpoints`: intervals and settings during training."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from wallpaint.diffusion.sampling.settings import DenoisingSettings, SamplingSettings
from wallpaint.train.config.sections.section import Count, Section, WholeNumber


class ValidationSection(Section, DenoisingSettings):
    """Validation during training, and the defaults of ``wallpaint validate``.

    The sampling settings (steps, scheduler, strength, batch_size, reference_strength …) are those of
    `wallpaint.diffusion.sampling.settings`; the seed is the run's.

    Attributes
    ----------
    every : int
        Optimizer steps between validations; 0 for none during training.
    num_validation_samples : int
    init : {"noise", "reference"}
        With another init than noise even an untrained base paints something of the reference's colour, so progress is
        measured from noise.
    folder : Path or None
        Folder of the sheets and of ``step_000500_metrics.json``. null is ``validation`` in the output folder, to which
        ``validation_grids`` in the working folder then links.
    """

    every: WholeNumber = 500
    num_validation_samples: Count = 50
    init: Literal["noise", "reference"] = "noise"
    folder: Path | None = None

    def sampling(self, seed: int) -> SamplingSettings:
        """The settings of the section's sampling keys, with a seed."""
        return SamplingSettings(**self.model_dump(include=set(DenoisingSettings.model_fields)), seed=seed)


class CheckpointsSection(Section):
    """How often checkpoints are saved, and how many are kept.

    Attributes
    ----------
    every : int
        Optimizer steps between checkpoints, ≥ 0; with 0 there is only one at the end.
    keep : int or None
        Number of the newest checkpoints that are kept, ≥ 1; null keeps all.
    """

    every: WholeNumber = 500
    keep: Count | None = 3
