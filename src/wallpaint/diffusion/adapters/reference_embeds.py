"""What each of a UNet's IP-Adapters makes its tokens of."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from wallpaint.diffusion.adapters.color_tokens import color_features, reads_color
from wallpaint.diffusion.adapters.ip_adapter import is_plain, projections
from wallpaint.diffusion.encoders.image_encoder import ImageFeatures


def embeds_of_references(
    unet: UNet2DConditionModel, features: ImageFeatures, colors: torch.Tensor
) -> list[torch.Tensor]:
    """Features of N references, for each IP-Adapter of its kind: (N, 1, …) float32, on the UNet's device.

    Parameters
    ----------
    unet : UNet2DConditionModel
    features : ImageFeatures
        Of the references' pictures: Plus reads the hidden states, the plain form the embedding.
    colors : (N, 3) uint8
        Their sRGB, which colour tokens read.
    """
    embeds = []
    for projection in projections(unet):
        if reads_color(projection):
            read = color_features(colors)
        else:
            read = features.embeds if is_plain(projection) else features.hidden_states
        embeds.append(read[:, None].to(unet.device))
    return embeds
