"""Training of the mini's VAE, pictures of rooms to latents and back."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch.nn.functional import avg_pool2d

from wallpaint.train.mini.fitting import FitSettings, StepCallback, fit
from wallpaint.train.mini.models import mini_vae
from wallpaint.train.mini.pool import PicturePool
from wallpaint.train.mini.vae_init import init_as_identity

VAE_FIT = FitSettings(
    steps=2400, learning_rate=1e-3, betas=(0.9, 0.98), weight_decay=1e-4, max_grad_norm=2.0, average=0.99, warmup=60
)

_BATCH = 8
_CROP = 64  # pixels
_CROPPED = 0.72  # share of the steps that train on crops, which are four times faster
_SCALES = {2: 0.5, 4: 0.7, 8: 1.0, 16: 1.5}  # side of the pooled cells in pixels: weight of their error
_LUMA = (0.299, 0.587, 0.114)
_LATENT_NOISE = 0.05  # standard deviation; makes the decoder robust to a UNet's errors
_LOG_VARIANCE = -6.0


def train_vae(
    pool: PicturePool, folder: Path, settings: FitSettings = VAE_FIT, callback: StepCallback | None = None
) -> AutoencoderKL:
    """Train the VAE, or resume a stopped training; raises as `fit` does."""
    vae = mini_vae(settings.seed)
    init_as_identity(vae)

    def loss(step: int, generator: torch.Generator) -> torch.Tensor:
        places = torch.randint(len(pool), (_BATCH // 2,), generator=generator)
        pictures = torch.cat([pool.signed("source", places), pool.signed("target", places)])
        if step % 2:  # the UNet's second input is a picture without its wall
            walls = pool.walls(places).repeat(2, 1, 1, 1)
            pictures[1::4] = pictures[1::4].masked_fill(walls[1::4].bool(), 0)
        if step < _CROPPED * settings.steps:
            pictures = _cropped(pictures, generator)
        return reconstruction_loss(vae, pictures, generator)

    fit(vae, loss, settings, folder, callback)
    return vae.eval().requires_grad_(False)


def reconstruction_loss(vae: AutoencoderKL, pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Reconstruction error of pictures (N, 3, S, S) in [-1, 1], in opponent colours over a pyramid of scales.

    Colour differences count as much as lightness, and coarse errors more than fine ones, because the colour of a wall
    is what must be right and it varies slowly.
    """
    posterior = vae.encode(pictures).latent_dist
    noise = torch.randn(posterior.mean.shape, generator=generator)
    back = vae.decode(posterior.mean + _LATENT_NOISE * noise).sample
    kept_small = 1e-4 * posterior.mean.square().mean() + 1e-4 * (posterior.logvar - _LOG_VARIANCE).square().mean()
    return pyramid_error(back - pictures) + kept_small


def pyramid_error(error: torch.Tensor) -> torch.Tensor:
    """() Weighted sum of an error (N, 3, S, S): absolute and squared at five scales, and of its gradients."""
    luma = (error * torch.tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)
    opponent = 1.5 * torch.cat([luma, error[:, :1] - luma, error[:, 2:] - luma], dim=1)
    total = _magnitude(opponent)
    for side, weight in _SCALES.items():
        total = total + weight * _magnitude(avg_pool2d(opponent, side))
    return total + 0.7 * (error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean())


def _magnitude(error: torch.Tensor) -> torch.Tensor:
    return error.abs().mean() + 3 * error.square().mean()


def _cropped(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    steps = (pictures.shape[-1] - _CROP) // 8 + 1
    top, left = (8 * torch.randint(steps, (2,), generator=generator)).tolist()
    return pictures[..., top : top + _CROP, left : left + _CROP]
