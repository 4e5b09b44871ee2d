"""The mini's base: an inpainting UNet that has never read a word, and knows no reference."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch.nn.functional import mse_loss

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.diffusion.precision.choose import choose_precision
from wallpaint.train.batches.noise import draw_noise, draw_timesteps
from wallpaint.train.mini.fitting import FitSettings, StepCallback, fit
from wallpaint.train.mini.pool import LatentPool
from wallpaint.train.mini.models import mini_unet, zero_prompt
from wallpaint.train.models.attention import attend_in_float

HOW = FitSettings(steps=4500, learning_rate=1e-3, betas=(0.9, 0.99), weight_decay=1e-3, max_grad_norm=1.0, average=0.995)

_BATCH = 32


def train_base(
    pool: LatentPool, folder: Path, how: FitSettings = HOW, widths: tuple[int, ...] = (64, 112, 176), callback: StepCallback | None = None
) -> UNet2DConditionModel:
    """Train the base on plain noise prediction, or go on; raises as `fit` does.

    It learns what rooms look like and how light falls into a hole, and paints it in any colour: it sees the rest of the
    room in its old paint, as it will in use, so that nothing tells it the new one.
    """
    unet = mini_unet(widths, how.seed)
    attend_in_float(unet)
    half = choose_precision("auto", torch.device("cpu")).unet.dtype == torch.bfloat16
    prompt = zero_prompt()
    alphas = DDPMScheduler.from_config(sd15_config("scheduler")).alphas_cumprod

    def loss(step: int, generator: torch.Generator) -> torch.Tensor:
        places = torch.randint(len(pool.mask), (_BATCH,), generator=generator)
        clean, masked = pool.latents[places].float(), pool.masked_latents[places].float()
        timesteps = draw_timesteps(_BATCH, generator)
        noise = draw_noise(clean.shape, generator)
        share = alphas[timesteps][:, None, None, None]
        noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
        seen = torch.cat([noisy, pool.mask[places], masked], dim=1)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            predicted = unet(seen, timesteps, prompt.expand(_BATCH, -1, -1), return_dict=False)[0]
        return mse_loss(predicted.float(), noise)

    fit(unet, loss, how, folder, callback)
    return unet.eval().requires_grad_(False)
