"""A new depth ControlNet to train: a copy of the base's encoder whose word counts for nothing yet."""

from __future__ import annotations

from typing import Any

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "A depth ControlNet"):
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

_STEP = 8  # channels of the hint's layers are multiples of it


def new_controlnet(unet: UNet2DConditionModel, seed: int = 0) -> ControlNetModel:
    """A ControlNet as its authors begin one (Zhang et al. 2023).

    Parameters
    ----------
    unet : UNet2DConditionModel
        Without adapters. Of an inpainting UNet the channels of mask and masked photo are left out, as in the release
        for Stable Diffusion 1.5: the ControlNet looks at the noisy latents and at depth.
    seed : int
        Of the layers that read the depth map, which have no model in the UNet.

    Returns
    -------
    ControlNetModel
        float32, in evaluation mode, on the CPU. Its last convolutions are zero: the UNet paints as it did without.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        controlnet = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=_hint_widths(unet))
        latents = unet.config.out_channels
        if unet.config.in_channels != latents:
            whole = controlnet.conv_in
            controlnet.conv_in = torch.nn.Conv2d(latents, whole.out_channels, whole.kernel_size, padding=whole.padding)
            controlnet.conv_in.weight.data.copy_(whole.weight.data[:, :latents])
            controlnet.conv_in.bias.data.copy_(whole.bias.data)
            controlnet.register_to_config(in_channels=latents)
        _let_depth_through(controlnet.controlnet_cond_embedding)
    return controlnet.float().eval()


def _let_depth_through(hint: Any) -> None:
    """Draw the layers that read the depth map, all but the zero one, so that its variations reach the end.

    SiLU lets half of a small signal pass, so weights twice as large as for a linear layer keep it. As torch draws them,
    what is left at the end is biases, which say the same of every map: 500 steps of the mini's recipe taught such a
    ControlNet nothing of depth.
    """
    for layer in (hint.conv_in, *hint.blocks):
        torch.nn.init.normal_(layer.weight, std=2 * layer.weight[0].numel() ** -0.5)
        torch.nn.init.zeros_(layer.bias)


def _hint_widths(unet: UNet2DConditionModel) -> tuple[int, ...]:
    """Channels of the layers that read the depth map: the release's, as much smaller as the UNet is."""
    released = sd15_config("controlnet")
    share = unet.config.block_out_channels[0] / released["block_out_channels"][0]
    widths = released["conditioning_embedding_out_channels"]
    return tuple(-(-round(width * share) // _STEP) * _STEP for width in widths)
