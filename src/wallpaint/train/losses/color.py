"""Colour loss: the wall of the predicted clean picture compared with the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wallpaint.optional import needs_extra
from wallpaint.train.losses.distances import ColorDistance, LabDistance, TargetWall
from wallpaint.train.losses.sample_losses import SampleLosses, at_least_float32

with needs_extra("train", "Training"):
    import torch
    from torch.nn.functional import interpolate

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

_PURE = 0.999  # share of wall from which a decoded pixel counts; others show more than the wall


class Decoder(Protocol):
    """Maps latents as in the UNet's input, (B, 4, h, w), to sRGB pictures of any size, (B, 3, H, W), 1 = white."""

    def __call__(self, latents: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True)
class VaeDecoder:
    """The VAE's decoder: exact, and the most expensive part of a step.

    Attributes
    ----------
    vae : AutoencoderKL
        In any precision; its pictures are not clipped.
    """

    vae: AutoencoderKL

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        decoded: torch.Tensor = self.vae.decode(latents.to(self.vae.dtype) / self.vae.config.scaling_factor).sample
        return (at_least_float32(decoded) + 1) / 2


@dataclass(frozen=True)
class ColorConsistencyLoss:
    """Distance of the predicted clean picture's wall from the target, weighted by the timestep.

    At noisy timesteps the clean picture can hardly be predicted, so each sample is weighted with ᾱ, the share of the
    signal's power at its timestep. Pixels that are not wall alone are left out.

    Attributes
    ----------
    decoder : Decoder
        From latents to pictures: a `VaeDecoder` or a `LatentProbe`.
    distance : ColorDistance
        Distance of pictures from their targets: one of `COLOR_DISTANCES`.
    """

    decoder: Decoder
    distance: ColorDistance = field(default_factory=LabDistance)

    def __call__(
        self,
        clean_latents: torch.Tensor,
        alphas_cumprod: torch.Tensor,
        *,
        pixel_values: torch.Tensor,
        mask: torch.Tensor,
        dominant_color: torch.Tensor,
    ) -> SampleLosses:
        """Losses of predicted clean latents.

        Parameters
        ----------
        clean_latents : (B, 4, h, w) float
            From `predicted_clean`.
        alphas_cumprod : (B,) in [0, 1]
        pixel_values : (B, 3, S, S) float in [-1, 1]
        mask : (B, 1, S, S) float in {0, 1}
        dominant_color : (B, 3) uint8

        Returns
        -------
        SampleLosses
            0, without gradient, for samples in which no decoded pixel is wall alone.
        """
        painted = at_least_float32(self.decoder(clean_latents))
        size = painted.shape[-2:]
        target = TargetWall(
            color=dominant_color.to(painted) / 255,
            picture=(interpolate(pixel_values.to(painted), size, mode="area") + 1) / 2,
            mask=(interpolate(mask.to(painted), size, mode="area") > _PURE).to(painted),
        )
        with torch.autocast(painted.device.type, enabled=False):  # CIELAB needs float32
            return self.distance(painted, target).weighted(alphas_cumprod)
