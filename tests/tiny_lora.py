"""LoRAs that change what a tiny UNet predicts, as one does that was trained."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from tiny_models import DIM, tiny_unet

from wallpaint.diffusion.adapters.lora import LoraSettings, attach_lora, lora_parameters


def randomize(unet: UNet2DConditionModel, seed: int = 0) -> None:
    """Give each parameter of a LoRA another value; magnitudes stay near what they are."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in lora_parameters(unet):
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(noise * 0.3 if parameter.ndim > 1 else parameter * (1 + 0.2 * noise))


def unet_with_lora(settings: LoraSettings | None = None, seed: int = 0) -> UNet2DConditionModel:
    unet = tiny_unet()
    attach_lora(unet, settings or LoraSettings(rank=4, alpha=6))
    randomize(unet, seed)
    return unet


def predict(unet: UNet2DConditionModel) -> torch.Tensor:
    """(1, 4, 8, 8) float32, always of the same input."""
    generator = torch.Generator().manual_seed(7)
    sample, tokens = (torch.randn(*shape, generator=generator).to(unet.dtype) for shape in ((1, 9, 8, 8), (1, 3, DIM)))
    images = {} if unet.encoder_hid_proj is None else {"image_embeds": [torch.ones(1, 1, 5, 32, dtype=unet.dtype)]}
    with torch.no_grad():
        return unet(sample, 500, tokens, added_cond_kwargs=images).sample.float()
