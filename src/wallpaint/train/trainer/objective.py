"""The objective of a configuration: losses, their weights, and the decoder of the colour loss."""

from __future__ import annotations

import logging
from typing import Any

import torch

from wallpaint.data import collate
from wallpaint.train.config.configuration import TrainingConfig
from wallpaint.train.losses import COLOR_DISTANCES, ColorConsistencyLoss, LatentProbe, VaeDecoder
from wallpaint.train.losses.color import Decoder
from wallpaint.train.models.training_models import TrainingModels
from wallpaint.train.trainer.step import Objective

_PROBED = 64  # samples: enough for the fifteen coefficients of a linear map from four latents

_log = logging.getLogger(__name__)


def make_objective(config: TrainingConfig, models: TrainingModels, samples: Any) -> Objective:
    """The losses and their weights; for the "probe" decoder a linear probe is fitted on the first samples."""
    section = config.training
    if not section.use_color_loss:
        return Objective(config.objective)
    by_vae = section.color_loss_decoder == "vae"
    decoder: Decoder = VaeDecoder(models.vae) if by_vae else _fitted_probe(models, samples)
    color = ColorConsistencyLoss(decoder, COLOR_DISTANCES[section.color_loss_kind]())
    return Objective(config.objective, color, section.color_loss_weight)


def _fitted_probe(models: TrainingModels, samples: Any) -> LatentProbe:
    batch = collate([samples[index] for index in range(min(_PROBED, len(samples)))])
    pictures = batch["pixel_values"].to(models.prompt_embeds.device)
    with torch.no_grad():
        posterior = [models.vae.encode(picture).latent_dist.mode() for picture in pictures.split(1)]
    latents = torch.cat(posterior) * models.vae.config.scaling_factor
    half = len(latents) // 2 or 1
    probe = LatentProbe.fit(latents[:half], pictures[:half])
    masks = batch["mask"].to(pictures)
    _log.info("colour loss through a linear probe: %s", probe.fidelity(latents[half:], pictures[half:], masks[half:]))
    return probe
