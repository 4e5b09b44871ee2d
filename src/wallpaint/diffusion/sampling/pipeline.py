"""diffusers' inpainting pipelines with a given prompt embedding instead of text.

They also cache the latents of encoded pictures, so that the photo is encoded once for any number of colours.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

import torch
from diffusers import StableDiffusionControlNetInpaintPipeline, StableDiffusionInpaintPipeline

from wallpaint.diffusion.sampling.schedulers import set_timesteps

_KEPT = 16  # cached latents; 64 kB each at 512²


class _ZeroPrompt:
    """Methods of both pipelines. Inputs and outputs are float32, whatever dtype the models compute in."""

    vae: Any
    scheduler: Any

    def encode_prompt(self, *_: Any, prompt_embeds: torch.Tensor, **__: Any) -> tuple[torch.Tensor, None]:
        """The given embedding, unchanged. It is float32, so the pipelines do their own arithmetic in float32."""
        return prompt_embeds, None

    def prepare_ip_adapter_image_embeds(
        self, ip_adapter_image: Any, ip_adapter_image_embeds: list[torch.Tensor], *_: Any
    ) -> list[torch.Tensor]:
        """The given features, unchanged: one row for each picture.

        diffusers would repeat them for every picture of the batch, and each picture would attend to the tokens of all
        references.
        """
        return ip_adapter_image_embeds

    def get_timesteps(self, num_inference_steps: int, strength: float, device: Any) -> tuple[torch.Tensor, int]:
        """Timesteps from `strength` as a share of the noise schedule. diffusers takes it as a share of the steps."""
        timesteps = set_timesteps(self.scheduler, num_inference_steps, strength, device)
        return timesteps, len(timesteps)

    def _encode_vae_image(self, image: torch.Tensor, generator: Any = None) -> torch.Tensor:
        """(N, 3, H, W) in [-1, 1] → (N, 4, h, w) float32: the mode of the posterior, which is not random."""
        return torch.cat([self._encode_once(picture) for picture in image.split(1)])

    def _encode_once(self, picture: torch.Tensor) -> torch.Tensor:
        if not hasattr(self, "_encoded"):
            self._encoded: OrderedDict[str, torch.Tensor] = OrderedDict()
        picture = picture.float() + 0.0  # masking leaves -0.0 for some pixels: the same picture, but other bytes
        key = hashlib.sha256(picture.cpu().numpy().tobytes()).hexdigest()
        if key not in self._encoded:
            posterior = self.vae.encode(picture).latent_dist
            self._encoded[key] = posterior.mode() * self.vae.config.scaling_factor
        self._encoded.move_to_end(key)
        if len(self._encoded) > _KEPT:
            self._encoded.popitem(last=False)
        return self._encoded[key]

    @torch.no_grad()
    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """(N, 4, h, w) → (N, 3, H, W) float32 in [0, 1], one by one, because decoding needs the most memory."""
        pictures = [self.vae.decode(one / self.vae.config.scaling_factor).sample.cpu() for one in latents.split(1)]
        return (torch.cat(pictures) / 2 + 0.5).clamp(0, 1)


class ZeroPromptInpaintPipeline(_ZeroPrompt, StableDiffusionInpaintPipeline):
    """Inpainting with an IP-Adapter."""


class ZeroPromptControlNetInpaintPipeline(_ZeroPrompt, StableDiffusionControlNetInpaintPipeline):
    """Inpainting with an IP-Adapter and a depth ControlNet."""
