"""The IP-Adapter a model starts with: read from a file, or initialized to be trained from scratch."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import ImageProjection, IPAdapterPlusImageProjection

from wallpaint.diffusion.adapters.color_tokens import COLOR_FEATURES
from wallpaint.diffusion.adapters.ip_adapter import (
    HEAD_SIZE,
    PLAIN_TOKENS,
    IPAdapterWeights,
    cross_attentions,
    read_ip_adapter,
    released_weights,
)
from wallpaint.diffusion.encoders.image_encoder import ImageEncoder
from wallpaint.errors import WeightsError

_NEW = "new IP-Adapter"  # its name in error messages
_NEW_TOKENS = 16  # as released


def initial_ip_adapter(
    path: Path | None, unet: UNet2DConditionModel, encoder: ImageEncoder, seed: int = 0
) -> dict[str, IPAdapterWeights]:
    """The weights of a file, or new ones, for `load_ip_adapters`.

    Parameters
    ----------
    path : Path or None
        None initializes an IP-Adapter Plus with 16 tokens.
    unet : UNet2DConditionModel
        Without LoRA.
    encoder : ImageEncoder
        The image encoder whose features the IP-Adapter will read.
    seed : int
        Seed of new weights.

    Returns
    -------
    dict of str to weights
        One item, by the name of the file.

    Raises
    ------
    MissingWeightsError, WeightsError
        There is no such file, it is damaged, or it was trained with another image encoder.
    """
    config = encoder.model.config
    if path is None:
        generator = torch.Generator().manual_seed(seed)
        width = unet.config.cross_attention_dim
        return {_NEW: new_ip_adapter(unet, config.hidden_size, _NEW_TOKENS, width, generator)}
    weights = read_ip_adapter(path)
    for reader, given in (("proj.weight", config.projection_dim), ("proj_in.weight", config.hidden_size)):
        layer = weights["image_proj"].get(reader)
        if layer is not None and layer.shape[-1] != given:
            raise WeightsError(
                path,
                f"this IP-Adapter needs an image encoder of width {layer.shape[-1]}, the one loaded has width {given}. "
                "Use the image encoder it was trained with.",
            )
    return {str(path): weights}


def new_ip_adapter(
    unet: UNet2DConditionModel, features: int, tokens: int, hidden: int, generator: torch.Generator
) -> IPAdapterWeights:
    """Weights of a new IP-Adapter Plus: ``to_k_ip`` and ``to_v_ip`` are copies of the UNet's ``to_k`` and ``to_v``.

    Parameters
    ----------
    unet : UNet2DConditionModel
        Without LoRA.
    features : int
        Width of the image encoder's hidden states.
    tokens : int
        Number of tokens for a reference; 16 in the release.
    hidden : int
        Width of the resampler. It gets one attention head for each multiple of 64, at least one.
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
    return {"image_proj": _random_projection(resampler, generator), "ip_adapter": _copied_attention(unet)}


def new_color_tokens(unet: UNet2DConditionModel, generator: torch.Generator) -> IPAdapterWeights:
    """Weights of new colour tokens, for `load_ip_adapters`; parameters as in `new_ip_adapter`."""
    with torch.device("meta"):
        projection = ImageProjection(COLOR_FEATURES, unet.config.cross_attention_dim, PLAIN_TOKENS)
    return {"image_proj": _random_projection(projection, generator), "ip_adapter": _copied_attention(unet)}


def _random_projection(projection: torch.nn.Module, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Random weights that keep the variance of their input.

    The last norm starts at 1, as in the release, so that image tokens are as large as text tokens. With tokens a tenth
    of that size the UNet's output hardly changes at first, but the first hundred training steps reduce the loss by a
    sixth less.
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
