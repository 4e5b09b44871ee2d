"""A VAE that starts as a picture made small and large again: from the usual start, one this small sticks at grey."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL
from torch import nn

_CHANNELS = 8  # that carry the picture: its colours, their negatives, and two constants
_QUIET, _REST, _CONSTANT = 0.1, 0.3, 2.0
_START_LOG_VARIANCE = -6.0


@torch.no_grad()
def init_as_identity(vae: AutoencoderKL) -> None:
    """Set a fresh VAE so that three latents are the picture's colours, averaged over 8 × 8 pixels.

    Six channels carry the colours and their negatives through every layer, since SiLU lets only positive values pass,
    and two carry constants, so that group norms see the same spread whatever the picture. Residual branches start
    almost silent.
    """
    for name, module in vae.named_modules():
        if name.endswith(("conv2", "to_out.0")):
            module.weight.mul_(_QUIET)
            module.bias.zero_()
        elif name.endswith("downsamplers.0.conv"):
            _carry(module, averaging=True)
        elif name.endswith(("conv_shortcut", "upsamplers.0.conv")):
            _carry(module, averaging=False)
    for conv_in in (vae.encoder.conv_in, vae.decoder.conv_in):
        _spread_colors(conv_in)
    for conv_out in (vae.encoder.conv_out, vae.decoder.conv_out):
        _gather_colors(conv_out)
    latents = vae.config.latent_channels
    vae.encoder.conv_out.weight[latents:] *= _QUIET
    vae.encoder.conv_out.bias[latents:] = _START_LOG_VARIANCE
    for projection in (vae.quant_conv, vae.post_quant_conv):
        if projection is not None:
            projection.weight.copy_(torch.eye(projection.weight.shape[0])[:, :, None, None])
            projection.bias.zero_()


def _carry(convolution: nn.Conv2d, averaging: bool) -> None:
    convolution.weight.mul_(_REST)
    convolution.weight[:_CHANNELS] = 0
    convolution.bias[:_CHANNELS] = 0  # type: ignore[index]
    middle = convolution.kernel_size[0] // 2
    for channel in range(_CHANNELS):
        if averaging:
            convolution.weight[channel, channel, :2, :2] = 0.25
        else:
            convolution.weight[channel, channel, middle, middle] = 1


def _spread_colors(convolution: nn.Conv2d) -> None:
    convolution.weight[:_CHANNELS] = 0
    convolution.bias[:_CHANNELS] = 0  # type: ignore[index]
    for color in range(3):
        convolution.weight[color, color, 1, 1] = 1
        convolution.weight[3 + color, color, 1, 1] = -1
    convolution.bias[6] = _CONSTANT  # type: ignore[index]
    convolution.bias[7] = -_CONSTANT  # type: ignore[index]


def _gather_colors(convolution: nn.Conv2d) -> None:
    convolution.weight.mul_(_REST)
    for color in range(3):
        convolution.weight[color] = 0
        convolution.bias[color] = 0  # type: ignore[index]
        convolution.weight[color, color, 1, 1] = 1
        convolution.weight[color, 3 + color, 1, 1] = -1
