"""Validation during training: ``wallpaint validate`` with the current weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from wallpaint.diffusion.engine import DiffusionEngine
from wallpaint.diffusion.model import DiffusionModel
from wallpaint.evaluate import validate
from wallpaint.evaluate.validation.folder import link_workflow_folder
from wallpaint.train.trainer.run import Run


class Validator:
    """Validates a run on its main process while the other processes wait.

    Attributes
    ----------
    latest : mapping or None
        Aggregated metrics of the last validation.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.latest: Mapping[str, float | None] | None = None

    def validate(self, step: int) -> None:
        """Paint and measure the validation samples with the current weights, and write metrics and sheets."""
        if self.run.accelerator.is_main_process:
            with torch.random.fork_rng(), self.run.accelerator.autocast():
                config = self.run.config
                done = validate(self._engine(), self.run.validated_on, config.validation_folder, step)
            self.latest = done.aggregated_metrics
            if config.validation.folder is None:
                link_workflow_folder(config.validation_folder)
        self.run.accelerator.wait_for_everyone()

    def _engine(self) -> DiffusionEngine:
        models, section = self.run.models, self.run.config.validation
        model = DiffusionModel(
            name=self.run.config.model.base,
            fingerprint="in training",
            base=models.base,
            prompt_embeds=models.prompt_embeds,
            image_encoder=models.image_encoder,
            controlnet=models.controlnet,
            precision=models.precision,
            device=models.prompt_embeds.device,
        )
        return DiffusionEngine(model, section.sampling(self.run.config.seed), keep_precision=True)
