"""Initialization of a new depth ControlNet: a copy of the base's encoder with zero output."""

from __future__ import annotations

from typing import Any

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "A depth ControlNet"):
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

_STEP = 8  # channels of these layers are multiples of it


def new_controlnet(unet: UNet2DConditionModel, seed: int = 0) -> ControlNetModel:
    """Initialize a ControlNet as its authors do (Zhang et al. 2023).

    Parameters
    ----------
    unet : UNet2DConditionModel
        Without adapters. The input channels of mask and masked photo of an inpainting UNet are not copied, as in the
        release for Stable Diffusion 1.5: the inputs of the ControlNet are the noisy latents and depth.
    seed : int
        Seed of the layers that read the depth map, which the UNet does not have.

    Returns
    -------
    ControlNetModel
        float32, in evaluation mode, on the CPU. Its last convolutions are zero: the UNet's output is
        unchanged.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        controlnet = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=_hint_widths(unet))
        latents = unet.config.out_channels
        if unet.config.in_channels != latents:
            copied = controlnet.conv_in
            controlnet.conv_in = torch.nn.Conv2d(
                latents, copied.out_channels, copied.kernel_size, padding=copied.padding
            )
            controlnet.conv_in.weight.data.copy_(copied.weight.data[:, :latents])
            controlnet.conv_in.bias.data.copy_(copied.bias.data)
            controlnet.register_to_config(in_channels=latents)
        _init_hint_layers(controlnet.controlnet_cond_embedding)
    return controlnet.float().eval()


def _init_hint_layers(hint: Any) -> None:
    """Initialize the layers that read the depth map, except the zero one, so that their output depends on it.

    SiLU halves a small signal, so weights twice as large as for a linear layer keep its variance. With torch's own
    initialization the output is mostly biases, the same for every map: in 500 steps of the mini's recipe such a
    ControlNet learned nothing from depth.
    """
    for layer in (hint.conv_in, *hint.blocks):
        torch.nn.init.normal_(layer.weight, std=2 * layer.weight[0].numel() ** -0.5)
        torch.nn.init.zeros_(layer.bias)


def _hint_widths(unet: UNet2DConditionModel) -> tuple[int, ...]:
    """Channels of the layers that read the depth map: those of the release, scaled by the width of the UNet."""
    released = sd15_config("controlnet")
    share = unet.config.block_out_channels[0] / released["block_out_channels"][0]
    widths = released["conditioning_embedding_out_channels"]
    return tuple(-(-round(width * share) // _STEP) * _STEP for width in widths)
