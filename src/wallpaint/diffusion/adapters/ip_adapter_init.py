"""New IP-Adapters to train from scratch, in the layout of the release."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import ImageProjection, IPAdapterPlusImageProjection

from wallpaint.diffusion.adapters.color_tokens import COLOR_FEATURES
from wallpaint.diffusion.adapters.ip_adapter import (
    HEAD_SIZE,
    PLAIN_TOKENS,
    IPAdapterWeights,
    cross_attentions,
    released_weights,
)


def new_ip_adapter(
    unet: UNet2DConditionModel, features: int, tokens: int, hidden: int, generator: torch.Generator
) -> IPAdapterWeights:
    """An IP-Adapter Plus, for `load_ip_adapters`: its ``to_k_ip`` and ``to_v_ip`` are copies of ``to_k`` and ``to_v``.

    Parameters
    ----------
    unet : UNet2DConditionModel
        Without LoRA.
    features : int
        Width of the image encoder's hidden states.
    tokens : int
        That a reference becomes; 16 in the release.
    hidden : int
        Width of the resampler; as many heads as it holds multiples of 64, at least one.
    generator : torch.Generator
        On the CPU.
    """
    with torch.device("meta"):
        resampler = IPAdapterPlusImageProjection(
            embed_dims=features,
            output_dims=unet.config.cross_attention_dim,
            hidden_dims=hidden,
            heads=max(1, hidden // HEAD_SIZE),
            num_queries=tokens,
        )
    return {"image_proj": _drawn(resampler, generator), "ip_adapter": _copied_attention(unet)}


def new_color_tokens(unet: UNet2DConditionModel, generator: torch.Generator) -> IPAdapterWeights:
    """Colour tokens, for `load_ip_adapters`; see `new_ip_adapter`."""
    with torch.device("meta"):
        projection = ImageProjection(COLOR_FEATURES, unet.config.cross_attention_dim, PLAIN_TOKENS)
    return {"image_proj": _drawn(projection, generator), "ip_adapter": _copied_attention(unet)}


def _drawn(projection: torch.nn.Module, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Weights that keep the variance; the last norm starts at 1, as the release's did, so tokens are as loud as words.

    Ten times quieter they leave the UNet nearly as it was, but the first hundred steps teach them a sixth less.
    """
    weights = {}
    for name, empty in released_weights(projection).items():
        if empty.ndim > 1:
            weights[name] = torch.randn(empty.shape, generator=generator) * empty.shape[-1] ** -0.5
        elif name.endswith("bias"):
            weights[name] = torch.zeros(empty.shape)
        else:
            weights[name] = torch.ones(empty.shape)
    return weights


def _copied_attention(unet: UNet2DConditionModel) -> dict[str, torch.Tensor]:
    return {
        f"{number}.to_{key}_ip.weight": getattr(unet.get_submodule(name), f"to_{key}").weight.detach().float().clone()
        for number, name in cross_attentions(unet)
        for key in ("k", "v")
    }
