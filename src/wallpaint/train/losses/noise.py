"""Losses on the predicted noise: mean squared error, and squared error of its mean over the wall.

Use float32 or wider: half precision rounds away the small differences of late training.
"""

from __future__ import annotations

from wallpaint.optional import needs_extra
from wallpaint.train.losses.sample_losses import SampleLosses, has_wall, masked_mean

with needs_extra("train", "Training"):
    import torch

MAX_WEIGHT = 8.0  #: limit on the weight in `mean_error`; without it the noisiest timesteps would dominate the loss


def masked_mse(
    predicted: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, masked_loss_weight: float = 1.0
) -> torch.Tensor:
    """Mean squared error with a different weight on the wall.

    Parameters
    ----------
    predicted, target : (B, C, h, w) float
    mask : (B, 1, h, w) float in [0, 1]
    masked_loss_weight : float
        Weight of a pixel on the wall, > 0; other pixels have weight 1. 1 gives the plain mean squared error. The
        weights are normalized, so the result keeps its scale.

    Returns
    -------
    (B,)
    """
    weights = 1 + (masked_loss_weight - 1) * mask
    squared = (predicted - target).square().mean(1, keepdim=True)
    return (weights * squared).sum((1, 2, 3)) / weights.sum((1, 2, 3))


def mean_error(noise_error: torch.Tensor, mask: torch.Tensor, alphas_cumprod: torch.Tensor) -> SampleLosses:
    """Squared error of the predicted clean latents' mean over the wall.

    A wall's colour is the mean of its latents. A loss over all latents hardly depends on that mean: an error of 0.1 is
    1 % of the noise's power. The error of the clean latents' mean is √((1 − ᾱ)/ᾱ) times that of the noise; this is its
    square, with (1 − ᾱ)/ᾱ limited to `MAX_WEIGHT`.

    Parameters
    ----------
    noise_error : (B, C, h, w) float
        From the function `noise_error`.
    mask : (B, 1, h, w) float in [0, 1]
    alphas_cumprod : (B,) in (0, 1)

    Returns
    -------
    SampleLosses
    """
    of_wall = masked_mean(noise_error, mask).square().mean(1)
    weights = ((1 - alphas_cumprod) / alphas_cumprod).clamp(max=MAX_WEIGHT)
    return SampleLosses(of_wall * weights, has_wall(mask))
