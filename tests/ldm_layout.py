"""Models of diffusers' classes laid out as the original Stable Diffusion 1.x files are: what a single file holds."""

from __future__ import annotations

import re

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

Weights = dict[str, torch.Tensor]

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer.text_model."

_UNET_ENDS = (
    ("time_embedding.linear_1.", "time_embed.0."),
    ("time_embedding.linear_2.", "time_embed.2."),
    ("conv_norm_out.", "out.0."),
    ("conv_out.", "out.2."),
    ("conv_in.", "input_blocks.0.0."),
)
_UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_BLOCK = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")
_MIDDLE = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)")


def single_file(unet: UNet2DConditionModel, vae: AutoencoderKL, text_encoder: CLIPTextModel | None = None) -> Weights:
    """What a ``.safetensors`` of Stable Diffusion 1.x holds; a ``.ckpt`` has it under ``state_dict``."""
    weights = {UNET + _unet_key(key, unet): value for key, value in unet.state_dict().items()}
    for key, value in vae.state_dict().items():
        is_linear = "attentions" in key and value.ndim == 2  # in the original files a convolution of one pixel
        weights[VAE + _vae_key(key, vae)] = value[:, :, None, None] if is_linear else value
    if text_encoder is not None:
        weights |= {TEXT + key.removeprefix("text_model."): value for key, value in text_encoder.state_dict().items()}
    return {key: value.contiguous() for key, value in weights.items()}


def _unet_key(key: str, unet: UNet2DConditionModel) -> str:
    if match := _BLOCK.match(key):
        way, level, kind, place, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
        span = unet.config.layers_per_block + 1  # numbered blocks a level; going down the last one halves
        if kind == "downsamplers":
            return f"input_blocks.{(level + 1) * span}.0.op.{rest.removeprefix('conv.')}"
        if kind == "upsamplers":
            after = 2 if "CrossAttn" in unet.config.up_block_types[level] else 1
            return f"output_blocks.{level * span + span - 1}.{after}.{rest}"
        block = f"input_blocks.{level * span + place + 1}" if way == "down" else f"output_blocks.{level * span + place}"
        return f"{block}.0.{_renamed(rest, _UNET_RESNET)}" if kind == "resnets" else f"{block}.1.{rest}"
    if match := _MIDDLE.match(key):
        kind, place, rest = match[1], int(match[2]), match[3]
        return (
            f"middle_block.{2 * place}.{_renamed(rest, _UNET_RESNET)}"
            if kind == "resnets"
            else f"middle_block.1.{rest}"
        )
    return next(original + key.removeprefix(ours) for ours, original in _UNET_ENDS if key.startswith(ours))


def _vae_key(key: str, vae: AutoencoderKL) -> str:
    half, _, inner = key.partition(".")
    if match := _BLOCK.match(inner):
        way, level, kind, place, rest = match[1], int(match[2]), match[3], match[4], match[5]
        if way == "up":  # numbered by size in the original files
            level = len(vae.config.block_out_channels) - 1 - level
        if kind == "resnets":
            return f"{half}.{way}.{level}.block.{place}.{rest.replace('conv_shortcut', 'nin_shortcut')}"
        return f"{half}.{way}.{level}.{way}sample.{rest}"
    if match := _MIDDLE.match(inner):
        kind, place, rest = match[1], int(match[2]), match[3]
        if kind == "resnets":
            return f"{half}.mid.block_{place + 1}.{rest}"
        return f"{half}.mid.attn_1.{_renamed(rest, _VAE_ATTENTION)}"
    return key.replace("conv_norm_out", "norm_out")


def _renamed(key: str, names: dict[str, str]) -> str:
    layer, _, parameter = key.rpartition(".")
    return f"{names[layer]}.{parameter}"
