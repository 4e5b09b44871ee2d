"""One training step as pure functions: noise, prediction, loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from wallpaint.train.batches.batch import Batch
from wallpaint.train.batches.noise import draw_noise, draw_timesteps, seed_of
from wallpaint.train.config.sections import ObjectiveSection
from wallpaint.train.losses import (
    ColorConsistencyLoss,
    masked_mse,
    mean_error,
    min_snr_weights,
    noise_error,
    predicted_clean,
    prediction_target,
)
from wallpaint.train.models.training_models import TrainingModels


@dataclass(frozen=True)
class StepNoise:
    """The random numbers of a step: timesteps (B,) int64, noise (B, 4, h, w)."""

    timesteps: torch.Tensor
    noise: torch.Tensor


@dataclass(frozen=True)
class Objective:
    """The loss terms of a step.

    Attributes
    ----------
    section : ObjectiveSection
        Settings of the noise prediction loss.
    color : ColorConsistencyLoss or None
        The colour loss, if enabled.
    color_weight : float
        Weight of the colour loss, ≥ 0.
    """

    section: ObjectiveSection
    color: ColorConsistencyLoss | None = None
    color_weight: float = 0.0


@dataclass(frozen=True)
class StepLoss:
    """The loss of a step.

    Attributes
    ----------
    total : ()
        The loss to minimize.
    of_samples : (B,)
        The loss of each sample, without gradient, to find the sample with a NaN loss.
    parts : mapping of str to float tensors ()
        Each term before its weight, without gradient.
    """

    total: torch.Tensor
    of_samples: torch.Tensor
    parts: Mapping[str, torch.Tensor]


def draw_step_noise(
    models: TrainingModels, objective: ObjectiveSection, shape: torch.Size, seed: int, batch: int, rank: int, world: int
) -> StepNoise:
    """Timesteps and noise of one batch on one process; for all processes together they do not depend on their number.

    shape : (B, 4, h, w), shape of this process's latents; batch : number of the batch in the run, from 0.
    """
    count = shape[0]
    generator = torch.Generator().manual_seed(seed_of(seed, batch))
    timesteps = draw_timesteps(
        count * world, generator, objective.high_timestep_share, num_train_timesteps=len(models.alphas_cumprod)
    )
    noise = draw_noise((count * world, *shape[1:]), generator, objective.noise_offset)
    own, device = slice(rank * count, (rank + 1) * count), models.prompt_embeds.device
    return StepNoise(timesteps[own].to(device), noise[own].to(device))


def training_step(
    models: TrainingModels, denoiser: Any, batch: Batch, step_noise: StepNoise, objective: Objective
) -> StepLoss:
    """One noise-prediction step on repainted walls (DDPM, Ho et al. 2020; inpainting channels as Stable Diffusion 1.5).

    All random numbers are in `step_noise`, so a step can be repeated exactly.

    denoiser : `Denoiser`, or its wrapper for several processes.
    """
    alphas = models.alphas_cumprod[step_noise.timesteps]
    noisy = _noisy(batch.latents, step_noise.noise, alphas)
    prompt = models.prompt_embeds.expand(len(noisy), -1, -1)
    predicted = denoiser(
        noisy, step_noise.timesteps, batch.mask, batch.masked_latents, prompt, batch.reference_embeds, batch.depth
    )
    target = prediction_target(batch.latents, step_noise.noise, alphas, models.prediction_type)
    section = objective.section
    of_samples = masked_mse(predicted, target, batch.mask, section.masked_loss_weight)
    parts = {"noise": of_samples.mean().detach()}
    if section.min_snr_gamma is not None:
        of_samples = of_samples * min_snr_weights(alphas, section.min_snr_gamma, models.prediction_type)
    total = of_samples.mean()
    if section.mean_error_weight > 0:
        error = noise_error(predicted, target, alphas, models.prediction_type)
        of_mean = mean_error(error, batch.mask, alphas)
        parts["mean_error"] = of_mean.mean().detach()
        total = total + section.mean_error_weight * of_mean.mean()
        of_samples = of_samples + section.mean_error_weight * of_mean.values
    if objective.color is not None:
        clean = predicted_clean(predicted, noisy, alphas, models.prediction_type)
        of_color = objective.color(
            clean,
            alphas,
            pixel_values=batch.pixel_values,
            mask=batch.pixel_mask,
            dominant_color=batch.dominant_color,
        )
        parts["color"] = of_color.mean().detach()
        total = total + objective.color_weight * of_color.mean()
        of_samples = of_samples + objective.color_weight * of_color.values
    return StepLoss(total, of_samples.detach(), parts)


def _noisy(latents: torch.Tensor, noise: torch.Tensor, alphas: torch.Tensor) -> torch.Tensor:
    of_samples = alphas[:, None, None, None]
    return of_samples.sqrt() * latents + (1 - of_samples).sqrt() * noise
