"""Masks on the grid a latent diffusion model paints on: a latent is painted or kept whole."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate, max_pool2d

from wallpaint.errors import SettingError


def cover_latents(mask: torch.Tensor, pixels_per_latent: int) -> torch.Tensor:
    """Widen a mask to all of every latent that it touches.

    diffusers hides the photo pixel by pixel, but tells the UNet of each latent what the mask says at one of its pixels:
    where the two disagree, the model is told to keep what is half hidden, and keeps grey. Of whole latents they agree.

    Parameters
    ----------
    mask : (B, 1, H, W) float in {0, 1}
        1 is repainted.
    pixels_per_latent : int
        Along a side, see `Base.pixels_per_latent`; H and W are multiples of it.

    Returns
    -------
    (B, 1, H, W), of the mask's type, in {0, 1}

    Raises
    ------
    SettingError
        The sides are no such multiples.
    """
    height, width = mask.shape[-2:]
    if height % pixels_per_latent or width % pixels_per_latent:
        raise SettingError(
            f"a mask of {width} × {height} pixels cannot be divided into latents: choose sides that are multiples of "
            f"{pixels_per_latent}."
        )
    return interpolate(max_pool2d(mask, pixels_per_latent), scale_factor=pixels_per_latent)
