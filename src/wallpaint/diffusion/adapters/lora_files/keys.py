"""Names of the tensors in LoRA files: the UNet's layer and the tensor's role, in whichever tool's spelling.

A layer has its name in diffusers (``down_blocks.0.attentions.0.…``) or in the original Stable Diffusion code
(``input_blocks.1.1.…``), with dots or, as kohya-ss, LyCORIS and OneTrainer write it, with underscores; in front there
may be ``unet.``, ``base_model.model.`` (peft), ``lora_unet_`` (kohya-ss), ``lycoris_`` (LyCORIS) or
``diffusion_model.`` (ComfyUI).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wallpaint.diffusion.adapters.lora_weights import ALPHA, MAGNITUDE
from wallpaint.diffusion.adapters.weight_deltas import DOWN, UP
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    from diffusers import UNet2DConditionModel
    from torch import nn

MID, DORA_SCALE = "lora_mid", "dora_scale"

_PREFIXES = ("lora_unet_", "lycoris_", "unet_", "base_model_model_", "model_diffusion_model_", "diffusion_model_")
_TEXT_ENCODER = re.compile(
    r"(base_model\.model\.)?("
    r"lora_te\d*_|text_encoders?[._\d]|text_model[._]|lycoris_text_model_|cond_stage_model\.|conditioner\."
    r"|(clip_[lgh]|t5xxl|te\d?)\.)"
)
_EMBEDDING = re.compile(r"bundle_emb\.|emb_params|string_to_param|(clip_[lg]|<[^>]*>)$")

_ADAPTER = r"(?:\.\w+)?"  # peft's name of the adapter, as in lora_A.default.weight
_ROLES = tuple(
    (re.compile(rf"\.{pattern}$"), role)
    for pattern, role in (
        (rf"(?:lora_down|lora_A){_ADAPTER}\.weight", DOWN),
        (rf"(?:lora_up|lora_B){_ADAPTER}\.weight", UP),
        (r"(?:lora|lora_linear_layer)\.down\.weight", DOWN),
        (r"(?:lora|lora_linear_layer)\.up\.weight", UP),
        (r"lora_mid\.weight", MID),
        (rf"lora_magnitude_vector{_ADAPTER}(?:\.weight)?", MAGNITUDE),
        (r"dora_scale", DORA_SCALE),
        (r"alpha", ALPHA),
        (r"(?P<own>hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)|diff|diff_b|w_norm|b_norm)", None),
    )
)
_PROCESSOR = re.compile(r"(?:\.processor)?\.(to_q|to_k|to_v|to_out)_lora\.(down|up)\.weight$")  # diffusers up to 0.21


@dataclass(frozen=True)
class Key:
    """A tensor's layer as the file spells it, and its role; "" if the tensor has no known role."""

    layer: str
    role: str


def parse_key(name: str) -> Key:
    """Split a tensor's name.

    >>> parse_key("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight")
    Key(layer='lora_unet_mid_block_attentions_0_proj_in', role='lora_A.weight')
    """
    if match := _PROCESSOR.search(name):
        layer = name[: match.start()] + "." + match[1].replace("to_out", "to_out.0")
        return Key(layer, DOWN if match[2] == "down" else UP)
    for pattern, role in _ROLES:
        if match := pattern.search(name):
            return Key(name[: match.start()].removesuffix(".processor"), role or match["own"])
    return Key(name, "")


def is_of_text_encoder(name: str) -> bool:
    """Whether a tensor belongs to a text encoder's LoRA."""
    return bool(_TEXT_ENCODER.match(name))


def is_embedding(name: str) -> bool:
    """Whether a tensor is a textual inversion, alone or bundled with a LoRA by OneTrainer."""
    return bool(_EMBEDDING.search(name))


def find_layer(spelled: str, spellings: Mapping[str, str]) -> str | None:
    """The UNet's name of a layer that a file spells in its own way; None if the UNet has no such layer."""
    plain = spelled.replace(".", "_")
    while prefix := next((each for each in _PREFIXES if plain.startswith(each)), None):
        plain = plain.removeprefix(prefix)
    return spellings.get(plain) or spellings.get(f"{plain}_0")  # older files have to_out for to_out.0


def spellings_of(unet: UNet2DConditionModel) -> dict[str, str]:
    """Layers by their names in diffusers and in the original code, with underscores for dots."""
    names = [
        name
        for name, layer in unet.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.GroupNorm | nn.LayerNorm)
        and not name.startswith("encoder_hid_proj.")
        and ".processor." not in name
    ]
    spelled = {name.replace(".", "_"): name for name in names}
    original = {_original(name, starts).replace(".", "_"): name for starts in [dict(_blocks(unet))] for name in names}
    return {**original, **spelled}


def _original(name: str, starts: Mapping[str, str]) -> str:
    """A layer's name in the original code."""
    for start, original in starts.items():
        if name == start:
            return original
        if name.startswith(f"{start}."):
            return f"{original}.{_IN_RESNET.get(rest := name.removeprefix(f'{start}.'), rest)}"
    return name


_IN_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def _blocks(unet: UNet2DConditionModel) -> Iterator[tuple[str, str]]:
    """Names of the UNet's blocks in diffusers, and in the original code, which numbers them in one row."""
    yield "conv_in", "input_blocks.0.0"
    yield "time_embedding.linear_1", "time_embed.0"
    yield "time_embedding.linear_2", "time_embed.2"
    yield "conv_norm_out", "out.0"
    yield "conv_out", "out.2"
    place = 0
    for level, block in enumerate(unet.down_blocks):
        for layer in range(len(block.resnets)):
            place += 1
            yield f"down_blocks.{level}.resnets.{layer}", f"input_blocks.{place}.0"
            yield f"down_blocks.{level}.attentions.{layer}", f"input_blocks.{place}.1"
        if block.downsamplers:
            place += 1
            yield f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{place}.0.op"
    yield "mid_block.resnets.0", "middle_block.0"
    yield "mid_block.attentions.0", "middle_block.1"
    yield "mid_block.resnets.1", "middle_block.2"
    place = 0
    for level, block in enumerate(unet.up_blocks):
        for layer in range(len(block.resnets)):
            yield f"up_blocks.{level}.resnets.{layer}", f"output_blocks.{place}.0"
            yield f"up_blocks.{level}.attentions.{layer}", f"output_blocks.{place}.1"
            place += 1
        if block.upsamplers:
            last = 2 if hasattr(block, "attentions") else 1
            yield f"up_blocks.{level}.upsamplers.0", f"output_blocks.{place - 1}.{last}"
