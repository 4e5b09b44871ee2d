"""Training of the mini's base: an inpainting UNet without text and without reference."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch.nn.functional import mse_loss

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.diffusion.precision.choose import choose_precision
from wallpaint.train.batches.noise import draw_noise, draw_timesteps
from wallpaint.train.mini.fitting import FitSettings, StepCallback, fit
from wallpaint.train.mini.models import mini_unet, zero_prompt
from wallpaint.train.mini.pool import LatentPool
from wallpaint.train.models.attention import attend_in_float

BASE_FIT = FitSettings(
    steps=4500, learning_rate=1e-3, betas=(0.9, 0.99), weight_decay=1e-3, max_grad_norm=1.0, average=0.995
)

_BATCH = 32


def train_base(
    pool: LatentPool,
    folder: Path,
    settings: FitSettings = BASE_FIT,
    widths: tuple[int, ...] = (64, 112, 176),
    callback: StepCallback | None = None,
) -> UNet2DConditionModel:
    """Train the base on noise prediction, or resume a stopped training; raises as `fit` does.

    The base learns to complete the masked part of a room with a wall of any colour and plausible light. It sees the
    rest of the room in the old paint, as it will in use, so its input contains no hint of the new colour.
    """
    unet = mini_unet(widths, settings.seed)
    attend_in_float(unet)
    half = choose_precision("auto", torch.device("cpu")).unet.dtype == torch.bfloat16
    prompt = zero_prompt()
    alphas = DDPMScheduler.from_config(sd15_config("scheduler")).alphas_cumprod

    def loss(step: int, generator: torch.Generator) -> torch.Tensor:
        indices = torch.randint(len(pool.mask), (_BATCH,), generator=generator)
        clean, masked = pool.latents[indices].float(), pool.masked_latents[indices].float()
        timesteps = draw_timesteps(_BATCH, generator)
        noise = draw_noise(clean.shape, generator)
        share = alphas[timesteps][:, None, None, None]
        noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
        inputs = torch.cat([noisy, pool.mask[indices], masked], dim=1)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            predicted = unet(inputs, timesteps, prompt.expand(_BATCH, -1, -1), return_dict=False)[0]
        return mse_loss(predicted.float(), noise)

    fit(unet, loss, settings, folder, callback)
    return unet.eval().requires_grad_(False)
