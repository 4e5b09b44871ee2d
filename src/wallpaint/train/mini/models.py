"""The mini's models: configurations of diffusers' and transformers' classes, with fresh weights."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.configs import sd15_config

SIDE = 128  #: pixels a side
TOKEN_WIDTH = 128  #: of prompt, image and colour tokens
PROMPT_TOKENS = 8  # of the prompt that says nothing; 77 would only cost time
_POSITION_SPREAD = 3.0  # times the patches'; by less a random encoder forgets lightness, see DESIGN


def mini_vae(seed: int = 0) -> AutoencoderKL:
    """1.7 million parameters: eightfold smaller, four channels, as Stable Diffusion's."""
    torch.manual_seed(seed)
    small = {"block_out_channels": (16, 32, 64, 96), "layers_per_block": 1, "norm_num_groups": 2, "sample_size": SIDE}
    return AutoencoderKL.from_config({**sd15_config("vae"), **small})


def mini_unet(widths: tuple[int, ...] = (64, 112, 176), seed: int = 0) -> UNet2DConditionModel:
    """7.4 million parameters at the usual widths; nine input channels."""
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
    """A random ViT on 64² pictures, which stays as it is: what it says of a swatch is as good as any to learn from.

    Its position and class embeddings start at three times the spread of the patches': at the usual start, layer norm
    takes the swatch's lightness away; so, a linear probe recovers CIELAB to 0.7.
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
    """(1, 8, 128): tokens that stand for no words, the same for ever."""
    return torch.randn(1, PROMPT_TOKENS, TOKEN_WIDTH, generator=torch.Generator().manual_seed(seed))


def save_half(model: Any, folder: Path) -> None:
    """A model's folder in float16, as it is shipped."""
    half = copy.deepcopy(model)
    torch.nn.Module.half(half)
    half.save_pretrained(folder)
