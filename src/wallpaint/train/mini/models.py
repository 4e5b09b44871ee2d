"""Architectures of the mini: configurations of diffusers' and transformers' classes, with random weights."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.configs import sd15_config

SIDE = 128  #: side of its pictures in pixels
TOKEN_WIDTH = 128  #: width of prompt, image and colour tokens
PROMPT_TOKENS = 8  # of the zero prompt; 77 as in Stable Diffusion would only cost time
_POSITION_SPREAD = 3.0  # standard deviation of position embeddings over that of patch embeddings


def mini_vae(seed: int = 0) -> AutoencoderKL:
    """VAE of 1.7 million parameters; an eighth of the size and four channels, as in Stable Diffusion."""
    torch.manual_seed(seed)
    small = {"block_out_channels": (16, 32, 64, 96), "layers_per_block": 1, "norm_num_groups": 2, "sample_size": SIDE}
    return AutoencoderKL.from_config({**sd15_config("vae"), **small})


def mini_unet(widths: tuple[int, ...] = (64, 112, 176), seed: int = 0) -> UNet2DConditionModel:
    """Inpainting UNet of 7.4 million parameters at the default widths, with nine input channels."""
    torch.manual_seed(seed)
    crossing = len(widths) - 1
    small = {
        "sample_size": SIDE // 8,
        "block_out_channels": widths,
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D",) * crossing + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * crossing,
        "cross_attention_dim": TOKEN_WIDTH,
        "attention_head_dim": 4,
        "norm_num_groups": 16,
    }
    return UNet2DConditionModel.from_config({**sd15_config("unet"), **small})


def mini_image_encoder(seed: int = 3) -> CLIPVisionModelWithProjection:
    """Random CLIP image encoder for 64² pictures that is never trained; its features are enough to learn colour from.

    Its position and class embeddings have three times the standard deviation of the patch embeddings. With the default
    initialization, layer norm removes a swatch's lightness; with this one a linear probe recovers CIELAB to 0.7.
    """
    torch.manual_seed(seed)
    sizes = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3, "num_attention_heads": 4}
    more = {"image_size": 64, "patch_size": 16, "projection_dim": 64}
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(**{**sd15_config("image_encoder"), **sizes, **more}))
    embeddings = model.vision_model.embeddings if hasattr(model, "vision_model") else model.embeddings
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        swatches = (
            torch.rand(64, 3, 1, 1, generator=generator).expand(-1, -1, 64, 64) * 4 - 2
        )  # as CLIP's input spreads
        spread = _POSITION_SPREAD * float(embeddings.patch_embedding(swatches).std())
        embeddings.position_embedding.weight.normal_(0, spread, generator=generator)
        embeddings.class_embedding.normal_(0, spread, generator=generator)
    return model.eval()


def zero_prompt(seed: int = 5) -> torch.Tensor:
    """(1, 8, 128) float32: fixed random tokens in place of a text prompt."""
    return torch.randn(1, PROMPT_TOKENS, TOKEN_WIDTH, generator=torch.Generator().manual_seed(seed))


def save_half(model: Any, folder: Path) -> None:
    """Save a model in float16, the precision of the shipped weights."""
    half = copy.deepcopy(model)
    torch.nn.Module.half(half)
    half.save_pretrained(folder)
