"""Asking for colour outright: the picture that the model has in mind, compared with the reference."""

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

_WHOLLY = 0.999  # of a pixel that shows more than the wall, the wall is not to blame


class Decoder(Protocol):
    """From latents as the UNet has them, (B, 4, h, w), to sRGB pictures of any size, (B, 3, H, W), 1 = white."""

    def __call__(self, latents: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True)
class VaeDecoder:
    """The VAE itself: exact, and the costliest part of a step.

    Attributes
    ----------
    vae : AutoencoderKL
        In whatever precision; pictures are not clipped.
    """

    vae: AutoencoderKL

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        decoded: torch.Tensor = self.vae.decode(latents.to(self.vae.dtype) / self.vae.config.scaling_factor).sample
        return (at_least_float32(decoded) + 1) / 2


@dataclass(frozen=True)
class ColorConsistencyLoss:
    """How far the wall of the predicted clean picture is from what it should be, counted by how much can be known.

    Early in drawing little more than noise is there to predict from: each sample counts ᾱ times, the share of signal
    that its timestep has left. Pixels that show something besides wall are left out.

    Attributes
    ----------
    decoder : Decoder
        A `VaeDecoder` or a `LatentProbe`.
    distance : ColorDistance
        One of `COLOR_DISTANCES`.
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
        """Measure predicted latents against the batch they were predicted for.

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
            Without gradient for samples in which no pixel of the decoded picture is all wall.
        """
        painted = at_least_float32(self.decoder(clean_latents))
        size = painted.shape[-2:]
        wanted = TargetWall(
            color=dominant_color.to(painted) / 255,
            picture=(interpolate(pixel_values.to(painted), size, mode="area") + 1) / 2,
            mask=(interpolate(mask.to(painted), size, mode="area") > _WHOLLY).to(painted),
        )
        with torch.autocast(painted.device.type, enabled=False):  # it would take CIELAB's matrices in half precision
            return self.distance(painted, wanted).weighted(alphas_cumprod)
