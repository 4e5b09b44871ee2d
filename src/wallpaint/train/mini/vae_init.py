"""Identity initialization of the mini's VAE: it starts by averaging and enlarging the picture.

With the default initialization a VAE this small does not get beyond grey pictures.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL
from torch import nn

_CHANNELS = 8  # channels that carry the picture: three colours, their negatives, and two constants
_BRANCH_SCALE, _OTHER_SCALE, _CONSTANT = 0.1, 0.3, 2.0
_INITIAL_LOG_VARIANCE = -6.0


@torch.no_grad()
def init_as_identity(vae: AutoencoderKL) -> None:
    """Initialize a VAE so that three of its latents are the picture's colours, averaged over 8 × 8 pixels.

    Six channels carry the colours and their negatives through every layer, because SiLU passes only positive values.
    Two channels carry constants, so that group norms measure about the same spread for every picture. Residual branches
    start with a tenth of their default weights.
    """
    for name, module in vae.named_modules():
        if name.endswith(("conv2", "to_out.0")):
            module.weight.mul_(_BRANCH_SCALE)
            module.bias.zero_()
        elif name.endswith("downsamplers.0.conv"):
            _pass_on(module, averaging=True)
        elif name.endswith(("conv_shortcut", "upsamplers.0.conv")):
            _pass_on(module, averaging=False)
    for conv_in in (vae.encoder.conv_in, vae.decoder.conv_in):
        _spread_colors(conv_in)
    for conv_out in (vae.encoder.conv_out, vae.decoder.conv_out):
        _gather_colors(conv_out)
    latents = vae.config.latent_channels
    vae.encoder.conv_out.weight[latents:] *= _BRANCH_SCALE
    vae.encoder.conv_out.bias[latents:] = _INITIAL_LOG_VARIANCE
    for projection in (vae.quant_conv, vae.post_quant_conv):
        if projection is not None:
            projection.weight.copy_(torch.eye(projection.weight.shape[0])[:, :, None, None])
            projection.bias.zero_()


def _pass_on(convolution: nn.Conv2d, averaging: bool) -> None:
    """Copy the carrying channels from input to output; with `averaging` as the mean of 2 × 2 pixels."""
    convolution.weight.mul_(_OTHER_SCALE)
    convolution.weight[:_CHANNELS] = 0
    convolution.bias[:_CHANNELS] = 0  # type: ignore[index]
    middle = convolution.kernel_size[0] // 2
    for channel in range(_CHANNELS):
        if averaging:
            convolution.weight[channel, channel, :2, :2] = 0.25
        else:
            convolution.weight[channel, channel, middle, middle] = 1


def _spread_colors(convolution: nn.Conv2d) -> None:
    """Write the colours, their negatives and two constants to the carrying channels."""
    convolution.weight[:_CHANNELS] = 0
    convolution.bias[:_CHANNELS] = 0  # type: ignore[index]
    for color in range(3):
        convolution.weight[color, color, 1, 1] = 1
        convolution.weight[3 + color, color, 1, 1] = -1
    convolution.bias[6] = _CONSTANT  # type: ignore[index]
    convolution.bias[7] = -_CONSTANT  # type: ignore[index]


def _gather_colors(convolution: nn.Conv2d) -> None:
    """Read the colours from the carrying channels, as positive minus negative part."""
    convolution.weight.mul_(_OTHER_SCALE)
    for color in range(3):
        convolution.weight[color] = 0
        convolution.bias[color] = 0  # type: ignore[index]
        convolution.weight[color, color, 1, 1] = 1
        convolution.weight[color, 3 + color, 1, 1] = -1
