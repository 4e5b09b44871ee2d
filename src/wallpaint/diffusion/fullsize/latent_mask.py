"""Masks of whole latents: a latent diffusion model paints or keeps a latent as a whole."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate, max_pool2d

from wallpaint.errors import SettingError


def cover_latents(mask: torch.Tensor, pixels_per_latent: int) -> torch.Tensor:
    """Extend a mask to the whole of every latent that it touches.

    diffusers masks the photo pixel by pixel, but the UNet's mask is that of one pixel of each latent. Where the two
    differ, the UNet has to keep a latent that is partly masked, and paints grey there. With whole latents they agree.

    Parameters
    ----------
    mask : (B, 1, H, W) float in {0, 1}
        1 is repainted.
    pixels_per_latent : int
        Side of a latent in pixels, see `Base.pixels_per_latent`; H and W are multiples of it.

    Returns
    -------
    (B, 1, H, W), of the mask's dtype, in {0, 1}

    Raises
    ------
    SettingError
        A side is not a multiple of it.
    """
    height, width = mask.shape[-2:]
    if height % pixels_per_latent or width % pixels_per_latent:
        raise SettingError(
            f"a mask of {width} × {height} pixels cannot be divided into latents: choose sides that are multiples of "
            f"{pixels_per_latent}."
        )
    return interpolate(max_pool2d(mask, pixels_per_latent), scale_factor=pixels_per_latent)
