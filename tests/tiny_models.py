"""Random models of the classes Stable Diffusion 1.5 inpainting is made of, in a few hundred kB: plumbing only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from wallpaint.diffusion import sd15_config

DIM = 32  # of text and image tokens
BLOCKS: dict[str, Any] = {
    "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "block_out_channels": (16, 32, 32),
    "layers_per_block": 1,
    "cross_attention_dim": DIM,
    "attention_head_dim": 2,
    "norm_num_groups": 8,
}
UP_BLOCKS = ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")


def tiny_unet(seed: int = 0) -> UNet2DConditionModel:
    torch.manual_seed(seed)
    config = {**sd15_config("unet"), **BLOCKS, "up_block_types": UP_BLOCKS, "sample_size": 8}
    return UNet2DConditionModel.from_config(config).eval()


def tiny_vae(seed: int = 1) -> AutoencoderKL:
    torch.manual_seed(seed)
    config = {**sd15_config("vae"), "block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "norm_num_groups": 4}
    return AutoencoderKL.from_config({**config, "sample_size": 64}).eval()


def tiny_controlnet(seed: int = 2) -> ControlNetModel:
    """Unlike a new ControlNet, one whose last layers are not zero."""
    torch.manual_seed(seed)
    config = {**sd15_config("controlnet"), **BLOCKS, "conditioning_embedding_out_channels": (8, 8, 16, 16)}
    model = ControlNetModel.from_config(config).eval()
    for layer in (*model.controlnet_down_blocks, model.controlnet_mid_block, model.controlnet_cond_embedding.conv_out):
        torch.nn.init.normal_(layer.weight, std=0.1)
    return model


def tiny_image_encoder(seed: int = 3) -> CLIPVisionModelWithProjection:
    torch.manual_seed(seed)
    config = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2}
    more = {"image_size": 28, "patch_size": 14, "projection_dim": 16}
    return CLIPVisionModelWithProjection(CLIPVisionConfig(**{**sd15_config("image_encoder"), **config, **more})).eval()


def tiny_text_encoder(seed: int = 4) -> CLIPTextModel:
    torch.manual_seed(seed)
    config = {"hidden_size": DIM, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    return CLIPTextModel(CLIPTextConfig(**{**sd15_config("text_encoder"), **config})).eval()


def plus_state_dict(
    unet: UNet2DConditionModel, *, features: int = 32, hidden: int = 32, heads: int = 1, tokens: int = 4, seed: int = 5
) -> dict[str, dict[str, torch.Tensor]]:
    """An IP-Adapter Plus in the layout of the official files: {"image_proj": …, "ip_adapter": …}."""
    draw = _normal(seed)
    inner, wide, dim = heads * 64, 4 * hidden, unet.config.cross_attention_dim
    projection = {
        "latents": draw(1, tokens, hidden),
        "proj_in.weight": draw(hidden, features),
        "proj_in.bias": draw(hidden),
        "proj_out.weight": draw(dim, hidden),
        "proj_out.bias": draw(dim),
        "norm_out.weight": torch.ones(dim),
        "norm_out.bias": torch.zeros(dim),
    }
    for layer in range(4):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            projection[f"layers.{layer}.{norm}.weight"] = torch.ones(hidden)
            projection[f"layers.{layer}.{norm}.bias"] = torch.zeros(hidden)
        projection[f"layers.{layer}.0.to_q.weight"] = draw(inner, hidden)
        projection[f"layers.{layer}.0.to_kv.weight"] = draw(2 * inner, hidden)
        projection[f"layers.{layer}.0.to_out.weight"] = draw(hidden, inner)
        projection[f"layers.{layer}.1.1.weight"] = draw(wide, hidden)
        projection[f"layers.{layer}.1.3.weight"] = draw(hidden, wide)
    return {"image_proj": projection, "ip_adapter": _cross_attention(unet, draw)}


def plain_state_dict(
    unet: UNet2DConditionModel, *, features: int = 16, seed: int = 6
) -> dict[str, dict[str, torch.Tensor]]:
    """A plain IP-Adapter (four tokens from one projection) in the layout of the official files."""
    draw = _normal(seed)
    dim = unet.config.cross_attention_dim
    projection = {
        "proj.weight": draw(4 * dim, features),
        "proj.bias": draw(4 * dim),
        "norm.weight": torch.ones(dim),
        "norm.bias": torch.zeros(dim),
    }
    return {"image_proj": projection, "ip_adapter": _cross_attention(unet, draw)}


def save_ip_adapter(state_dict: dict[str, dict[str, torch.Tensor]], path: Path) -> Path:
    """The safetensors form of an official file."""
    flat = {f"{part}.{key}": value for part, values in state_dict.items() for key, value in values.items()}
    save_file(flat, path)
    return path


def save_tiny_model(folder: Path, *, seed: int = 0, text: bool = True, controlnet: bool = False) -> Path:
    """A diffusers folder with everything the engine can use, as a person who trained one would have it."""
    unet = tiny_unet(seed)
    unet.save_pretrained(folder / "unet")
    tiny_vae().save_pretrained(folder / "vae")
    DDIMScheduler.from_config(sd15_config("scheduler")).save_pretrained(folder / "scheduler")
    tiny_image_encoder().save_pretrained(folder / "image_encoder")
    if text:
        tiny_text_encoder().save_pretrained(folder / "text_encoder")
    if controlnet:
        tiny_controlnet().save_pretrained(folder / "controlnet")
    save_ip_adapter(plus_state_dict(unet), folder / "ip_adapter.safetensors")
    index = {"_class_name": "StableDiffusionInpaintPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def cross_attention_widths(unet: UNet2DConditionModel) -> Iterator[int]:
    """Channels of each cross-attention, in the order the files number them: down, up, middle."""
    for name in unet.attn_processors:
        if name.endswith("attn2.processor"):
            yield unet.get_submodule(name.removesuffix(".processor")).to_q.in_features


def _cross_attention(unet: UNet2DConditionModel, draw: Any) -> dict[str, torch.Tensor]:
    dim = unet.config.cross_attention_dim
    return {
        f"{2 * place + 1}.to_{key}_ip.weight": draw(width, dim)
        for place, width in enumerate(cross_attention_widths(unet))
        for key in ("k", "v")
    }


def _normal(seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=generator) * shape[-1] ** -0.5
