"""The IP-Adapter that a model is loaded with: its file's, or a new one, fit for the image encoder at hand."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from wallpaint.diffusion.adapters.ip_adapter import IPAdapterWeights, read_ip_adapter
from wallpaint.diffusion.adapters.ip_adapter_init import new_ip_adapter
from wallpaint.diffusion.encoders.image_encoder import ImageEncoder
from wallpaint.diffusion.model_files import NEW, ModelFiles
from wallpaint.errors import WeightsError

_NEW_TOKENS = 16  # as released


def ip_adapter_of(
    files: ModelFiles, unet: UNet2DConditionModel, encoder: ImageEncoder, seed: int = 0
) -> dict[str, IPAdapterWeights]:
    """The weights, by the name of their file, for `load_ip_adapters`.

    seed : of a new one.

    Raises
    ------
    MissingWeightsError, WeightsError
        There is no such file, it is damaged, or made for another image encoder.
    """
    config = encoder.model.config
    if files.ip_adapter is None:
        generator = torch.Generator().manual_seed(seed)
        width = unet.config.cross_attention_dim
        return {NEW: new_ip_adapter(unet, config.hidden_size, _NEW_TOKENS, width, generator)}
    weights = read_ip_adapter(files.ip_adapter)
    for reader, given in (("proj.weight", config.projection_dim), ("proj_in.weight", config.hidden_size)):
        layer = weights["image_proj"].get(reader)
        if layer is not None and layer.shape[-1] != given:
            raise WeightsError(
                files.ip_adapter,
                f"it was made for an image encoder of width {layer.shape[-1]}, but the one at hand gives {given}.",
            )
    return {str(files.ip_adapter): weights}
