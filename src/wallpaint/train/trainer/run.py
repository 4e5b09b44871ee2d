"""A training run: its models, optimizer and data, and one optimizer step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from wallpaint.data import collate
from wallpaint.data.samples.sample import Sample
from wallpaint.errors import WallpaintError
from wallpaint.evaluate import ValidationSample
from wallpaint.train.batches.batch import Batch, LatentCache, encode_batch
from wallpaint.train.batches.debug_references import save_batch_images
from wallpaint.train.batches.encoded_samples import EncodedSamples, encoded_samples_of
from wallpaint.train.batches.noise import seed_of
from wallpaint.train.batches.samples import sample_loader, training_dataset
from wallpaint.train.config.configuration import TrainingConfig
from wallpaint.train.faults.nan_guard import LossGuard, warn_of_batch
from wallpaint.train.faults.preflight import all_of, check_trackers
from wallpaint.train.models.denoiser import Denoiser
from wallpaint.train.models.ema import MovingAverage
from wallpaint.train.models.training_models import TrainingModels, find_model_files, load_training_models
from wallpaint.train.trainer.checkpoint import load_checkpoint, mixed_precision_in
from wallpaint.train.trainer.launch import launch
from wallpaint.train.trainer.objective import make_objective
from wallpaint.train.trainer.optimizer import apply_settings, make_optimizer, make_schedule, set_training
from wallpaint.train.trainer.step import Objective, StepLoss, draw_step_noise, training_step
from wallpaint.train.trainer.validation_settings import validation_samples

Loaded = Sequence[tuple[int, Sample | Batch | WallpaintError]]


@dataclass(frozen=True)
class StepResult:
    """Losses and learning rate of an optimizer step; NaN or infinite losses mean that the step was skipped.

    Attributes
    ----------
    loss : float
        Mean over all processes and accumulated batches.
    parts : mapping of str to float
        Means of the loss's terms before their weights.
    learning_rate : float
        Learning rate of this step.
    """

    loss: float
    parts: Mapping[str, float]
    learning_rate: float


@dataclass
class Run:
    """A training run on one process.

    Attributes
    ----------
    validated_on : sequence of ValidationSample
        Validation samples, loaded at the start so that missing data is reported before training. Empty if validation is
        disabled, and on all processes except the main one.
    first : int
        Optimizer steps done before this run was resumed; 0 for a new run.
    average : MovingAverage or None
        The moving average of the trained weights, if enabled.
    guard : LossGuard
        The check for NaN and infinite losses.
    """

    config: TrainingConfig
    accelerator: Accelerator
    models: TrainingModels
    denoiser: Any
    optimizer: Any
    schedule: Any
    average: MovingAverage | None
    objective: Objective
    cache: LatentCache
    encoded: EncodedSamples
    samples: Any
    validated_on: Sequence[ValidationSample] = ()
    first: int = 0
    debug_references: int = 0
    guard: LossGuard = field(default_factory=LossGuard)

    @classmethod
    def set_up(cls, config: TrainingConfig, checkpoint: Path | None, debug_references: int = 0) -> Run:
        """Find the data, load the models, create the optimizer, and load the checkpoint if there is one.

        Raises
        ------
        WallpaintError
            Data, weights or packages are missing, all in one message; or see `load_training_models`.
        """
        precision, accelerator = launch(config, None if checkpoint is None else mixed_precision_in(checkpoint))
        samples, validated_on, *_ = all_of(  # all searches, so that one message lists all that is missing
            partial(training_dataset, config),
            partial(_validation_samples, config, accelerator.is_main_process),
            partial(find_model_files, config),
            partial(check_trackers, config),
        )
        models = load_training_models(config, precision, accelerator.device)
        trained = models.trained()
        decay = config.optimization.ema_decay
        average = None if decay is None else MovingAverage(trained, decay)
        optimizer: Any = make_optimizer(trained.values(), config.optimization)
        schedule = make_schedule(optimizer, config.optimization)
        denoiser, optimizer = accelerator.prepare(Denoiser(models.unet, models.controlnet), optimizer)
        accelerator.register_for_checkpointing(schedule)
        accelerator.register_save_state_pre_hook(
            lambda _, weights, __: weights.clear()
        )  # `save_checkpoint` saves the weights
        accelerator.register_load_state_pre_hook(lambda loaded, _: loaded.clear())
        first = 0 if checkpoint is None else load_checkpoint(accelerator, models, average, checkpoint)
        if checkpoint is not None:
            apply_settings(optimizer, schedule, config.optimization, first)
        if config.optimization.compile_unet:
            models.unet.compile()
        cache = LatentCache(_cache_folder(config))
        encoded = EncodedSamples(None) if debug_references else encoded_samples_of(config, models)
        objective = make_objective(config, models, samples)
        return cls(
            config,
            accelerator,
            models,
            denoiser,
            optimizer,
            schedule,
            average,
            objective,
            cache,
            encoded,
            samples,
            validated_on,
            first,
            debug_references,
        )

    def batches(self) -> Iterator[Loaded]:
        """The batches of this process, from the first one that is not done yet."""
        accumulated, state = self.config.optimization.gradient_accumulation_steps, self.accelerator
        last = self.config.optimization.max_steps * accumulated
        place = (state.process_index, state.num_processes)
        return iter(sample_loader(self.samples, self.config, self.first * accumulated, last, *place, self.encoded))

    def run_step(self, step: int, batches: Iterator[Loaded]) -> StepResult:
        """Do one optimizer step; step : its number from 0."""
        self.denoiser.train()
        set_training(self.optimizer, True)
        accumulated = self.config.optimization.gradient_accumulation_steps
        losses, names, is_fine = [], [], True
        for number in range(step * accumulated, (step + 1) * accumulated):
            with self.accelerator.accumulate(self.denoiser):
                batch = self._batch(number, next(batches))
                loss = self._loss(number, batch)
                is_finite = self.guard.passes(loss.of_samples, batch.names, step + 1)
                is_fine = self.on_all_processes(is_fine and is_finite)
                if is_fine:
                    self.accelerator.backward(loss.total)
            losses.append(loss)
            names += batch.names
        if is_fine:
            self._change_weights(step + 1, names)
        self.optimizer.zero_grad()
        rate = self.schedule.get_last_lr()[0]
        self.schedule.step()
        set_training(self.optimizer, False)
        self.denoiser.eval()
        return StepResult(
            self._mean([loss.total for loss in losses]),
            {term: self._mean([loss.parts[term] for loss in losses]) for term in losses[0].parts},
            rate,
        )

    def on_all_processes(self, holds: bool) -> bool:
        """Whether a condition is true on all processes."""
        flag = torch.tensor(float(holds), device=self.accelerator.device)
        return int(self.accelerator.reduce(flag, "sum")) == self.accelerator.num_processes

    def averaged(self) -> AbstractContextManager[None]:
        """A context in which the models have the weights for validation and export: the averages, if enabled."""
        return nullcontext() if self.average is None else self.average.in_place()

    def _batch(self, number: int, loaded: Loaded) -> Batch:
        samples = _without_errors(loaded)
        collated = collate(new) if (new := [sample for _, sample in samples if not isinstance(sample, Batch)]) else None
        encoded = [] if collated is None else encode_batch(self.models, collated, self.cache).split()
        batches = []
        for index, sample in samples:
            if not isinstance(sample, Batch):
                sample = encoded.pop(0)
                self.encoded.keep(index, sample)
            batches.append(sample)
        batch = Batch.join(batches, self.accelerator.device)
        if number == 0 and self.accelerator.is_main_process:
            warn_of_batch(batch, self.config.model.ip_adapter_scale)
            if collated is not None:
                save_batch_images(collated, self.config.output / "debug", self.debug_references)
        return batch

    def _loss(self, number: int, batch: Batch) -> StepLoss:
        seed, rank, world = self.config.seed, self.accelerator.process_index, self.accelerator.num_processes
        step_noise = draw_step_noise(
            self.models, self.objective.section, batch.latents.shape, seed, number, rank, world
        )
        torch.manual_seed(seed_of(seed, number, rank))  # seeds dropout
        with self.accelerator.autocast():
            return training_step(self.models, self.denoiser, batch, step_noise, self.objective)

    def _change_weights(self, step: int, names: list[str]) -> None:
        max_norm = self.config.optimization.max_grad_norm
        norm = self.accelerator.clip_grad_norm_(self.models.trained().values(), max_norm or math.inf)
        if self.accelerator.scaler is None and not self.guard.passes_gradient(norm, names, step):
            return
        self.optimizer.step()
        if self.optimizer.step_was_skipped:  # by the scaler: the gradient overflowed
            self.guard.count_overflow(float(self.accelerator.scaler.get_scale()), step)
            return
        self.guard.count_step()
        if self.average is not None:
            self.average.update(step)

    def _mean(self, values: list[torch.Tensor]) -> float:
        return float(self.accelerator.reduce(torch.stack(values).detach().mean(), "mean"))


def _without_errors(loaded: Loaded) -> list[tuple[int, Sample | Batch]]:
    """The samples of a loaded batch; raises the first error that the data loader returned instead of a sample."""
    samples: list[tuple[int, Sample | Batch]] = []
    for index, sample in loaded:
        if isinstance(sample, WallpaintError):
            raise sample
        samples.append((index, sample))
    return samples


def _validation_samples(config: TrainingConfig, validates: bool) -> list[ValidationSample]:
    return validation_samples(config) if validates and config.validation.every else []


def _cache_folder(config: TrainingConfig) -> Path | None:
    data = config.data
    same_each_time = data.kind == "photos" and data.random_color_prob == data.mirror_prob == 0 and data.min_crop == 1
    if not (config.caching.latents and data.redraw and same_each_time):
        return None
    return config.caching.folder or config.output / "cache"
