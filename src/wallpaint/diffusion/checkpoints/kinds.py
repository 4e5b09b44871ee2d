"""The kind of a file of weights, found from its tensors' names and shapes, and whether `paint` can use it."""

from __future__ import annotations

import re
from collections.abc import Collection

from wallpaint.diffusion.checkpoints.family import (
    INPAINTING_CHANNELS,
    SD15,
    Shapes,
    family_of,
    input_channels,
    is_foreign,
)

LORA, UNET, VAE, CONTROLNET = "LoRA", "UNet2DConditionModel", "AutoencoderKL", "ControlNetModel"
LORA_KINDS = (LORA, "LoHa", "LoKr", "difference of weights")
IP_ADAPTER, IP_ADAPTER_PLUS = "IP-Adapter", "IP-Adapter Plus"

# In this order; each is a pattern of one tensor's name. The names of a LoRA contain those of the network, those of a
# FaceID adapter those of a LoRA, and those of a ControlNet those of a UNet.
_MARKS = (
    ("IP-Adapter FaceID Plus", r"^(image_proj\.)?perceiver_resampler\."),
    ("IP-Adapter Full Face", r"^image_proj\.proj\.3\."),
    ("IP-Adapter FaceID", r"^image_proj\.proj\.0\."),
    (IP_ADAPTER_PLUS, r"^image_proj\.latents"),
    (IP_ADAPTER, r"^(image_proj|ip_adapter)\."),
    ("Control-LoRA", r"^lora_controlnet$"),
    ("ControlNet-LLLite", r"^lllite_"),
    (LORA, r"lora_(A|B|down|up)\.|_lora\.(down|up)\.|\.lora\.(down|up)\.|\.lora_linear_layer\."),
    ("LoHa", r"\.hada_w1_a$"),
    ("LoKr", r"\.lokr_w1(_a)?$"),
    ("difference of weights", r"\.(diff|w_norm)$"),
    ("OFT or BOFT", r"\.oft_(blocks|diag|R)"),
    ("GLoRA", r"^lora_unet_\w+\.(a1|b1)\.weight$"),
    ("IA3", r"\.on_input$"),
    ("T-LoRA", r"\.lambda_layer$"),
    ("AnimateDiff motion module", r"\.motion_modules\."),
    ("T2I-Adapter", r"^(adapter\.)?body\.0\."),
    (CONTROLNET, r"controlnet_cond_embedding\.|(^|\.)input_hint_block\.|(^|\.)zero_convs\."),
    (UNET, r"(^|\.)time_embedding\.|(^|\.)time_embed\."),
    ("AutoencoderTiny", r"^(encoder|decoder)\.layers\.\d+\.(weight|conv\.)"),
    (VAE, r"(^|\.)decoder\.conv_in\."),
    ("CLIPVisionModelWithProjection", r"vision_model\."),
    ("CLIPTextModel", r"token_embedding\."),
    ("textual inversion", r"^(string_to_param|emb_params|clip_[lg])(\.|$)|^<[^>]+>$"),
    ("empty prompt", r"prompt_embeds"),
)
_UNUSABLE = {
    "IP-Adapter FaceID Plus": "it reads embeddings of faces",
    "IP-Adapter Full Face": "it was made for faces",
    "IP-Adapter FaceID": "it reads embeddings of faces",
    "Control-LoRA": "only whole ControlNets are supported",
    "ControlNet-LLLite": "only whole ControlNets are supported",
    "T2I-Adapter": "only ControlNets are supported",
    "OFT or BOFT": "of adapters of weights LoRA, DoRA, LoHa, LoKr and differences are supported",
    "GLoRA": "of adapters of weights LoRA, DoRA, LoHa, LoKr and differences are supported",
    "IA3": "of adapters of weights LoRA, DoRA, LoHa, LoKr and differences are supported",
    "T-LoRA": "of adapters of weights LoRA, DoRA, LoHa, LoKr and differences are supported",
    "AnimateDiff motion module": "it makes videos",
    "AutoencoderTiny": "only an AutoencoderKL is supported as VAE",
    "textual inversion": "there is no prompt",
}
_WITH_FAMILY = (*LORA_KINDS, UNET, CONTROLNET, IP_ADAPTER, IP_ADAPTER_PLUS)


def kind_of(names: Collection[str]) -> str:
    """The kind of a file by the names of its tensors; "unknown" if nothing tells.

    A class of diffusers or transformers, or a name such as "LoRA", "IP-Adapter Plus", "T2I-Adapter".
    """
    for kind, pattern in _MARKS:
        mark = re.compile(pattern)
        if any(mark.search(name) for name in names):
            return kind
    return "unknown"


def family_for(kind: str, shapes: Shapes) -> str:
    """The family of a file of a kind for which families differ, else an empty string."""
    return family_of(shapes) if kind in _WITH_FAMILY else ""


def fault_for_paint(kind: str, shapes: Shapes) -> str:
    """The reason why `paint` refuses a file of this kind, a sentence or two; an empty string if it does not."""
    if kind in _UNUSABLE:
        return f"this is {with_article(kind)}; {_UNUSABLE[kind]}."
    family = family_for(kind, shapes)
    if is_foreign(family):
        return f"it is for {family}. Use one for {SD15}."
    channels = input_channels(shapes) if kind == UNET else None
    if channels not in (None, INPAINTING_CHANNELS):
        return not_inpainting(channels)
    return ""


def not_inpainting(channels: int | None) -> str:
    """The fault of a base that is not an inpainting model, and its cure."""
    cure = ", or make one of this: wallpaint models merge-inpainting" if channels == 4 else ""
    return (
        f"this is not an inpainting model: its UNet has {channels} input channels, not {INPAINTING_CHANNELS}. Use an "
        f"inpainting model such as sd15{cure}."
    )


def with_article(kind: str) -> str:
    """
    >>> with_article("IP-Adapter FaceID"), with_article("T2I-Adapter")
    ('an IP-Adapter FaceID', 'a T2I-Adapter')
    """
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"
