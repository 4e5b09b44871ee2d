"""How far predicted noise is from the true noise: everywhere, and in its mean over the wall.

Give float32 or wider: half precision loses the small differences that a late training is about.
"""

from __future__ import annotations

from wallpaint.optional import needs_extra
from wallpaint.train.losses.sample_losses import SampleLosses, has_wall, masked_mean

with needs_extra("train", "Training"):
    import torch

MAX_WEIGHT = 8.0  #: of `mean_error`; without it the noisiest timesteps would drown those that mend what they leave


def masked_mse(
    predicted: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, masked_loss_weight: float = 1.0
) -> torch.Tensor:
    """Mean squared error, in which the wall counts differently from the rest.

    Parameters
    ----------
    predicted, target : (B, C, h, w) float
    mask : (B, 1, h, w) float in [0, 1]
    masked_loss_weight : float
        Above 0: how many times a place on the wall counts. 1 is the plain mean squared error, and the result stays of
        its size whatever the weight.

    Returns
    -------
    (B,)
    """
    weights = 1 + (masked_loss_weight - 1) * mask
    squared = (predicted - target).square().mean(1, keepdim=True)
    return (weights * squared).sum((1, 2, 3)) / weights.sum((1, 2, 3))


def mean_error(noise_error: torch.Tensor, mask: torch.Tensor, alphas_cumprod: torch.Tensor) -> SampleLosses:
    """Squared error of the wall's mean.

    A wall's colour is the mean of its latents, which a loss over all latents hardly feels: an error of the mean by 0.1
    is 1 % of the noise's power. The error of the mean of the predicted clean latents is √((1 − ᾱ)/ᾱ) times that of the
    noise; this is its square, with the factor held to `MAX_WEIGHT`.

    Parameters
    ----------
    noise_error : (B, C, h, w) float
        From the function of that name.
    mask : (B, 1, h, w) float in [0, 1]
    alphas_cumprod : (B,) in (0, 1)

    Returns
    -------
    SampleLosses
    """
    of_wall = masked_mean(noise_error, mask).square().mean(1)
    weights = ((1 - alphas_cumprod) / alphas_cumprod).clamp(max=MAX_WEIGHT)
    return SampleLosses(of_wall * weights, has_wall(mask))
