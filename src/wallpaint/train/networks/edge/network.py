"""The network that refines a wall's edge, for training and export as ONNX for OpenCV's dnn."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import interpolate, leaky_relu

from wallpaint.networks.edge_inputs import CHANNELS

_SLOPE = 0.1  # of the leaky ReLU below 0
_FULL, _HALF, _QUARTER = 16, 32, 48  # channels at the patch's resolution and at the two coarser ones


class EdgeNetwork(nn.Module):
    """A small U-Net (Ronneberger et al., MICCAI 2015) of 85,026 parameters; it sees 39 pixels around each pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.first = _convolution(CHANNELS, _FULL)
        self.down = nn.ModuleList([_convolution(_FULL, _HALF, stride=2), _convolution(_HALF, _QUARTER, stride=2)])
        self.middle = _convolution(_HALF, _HALF)
        self.coarse = nn.ModuleList([_convolution(_QUARTER, _QUARTER, dilation=step) for step in (1, 2)])
        self.back = nn.ModuleList([nn.Conv2d(_QUARTER, _HALF, 1), nn.Conv2d(_HALF, _FULL, 1)])
        self.merge = nn.ModuleList([_convolution(_HALF, _HALF), _convolution(_FULL, _FULL)])
        self.last = nn.Conv2d(_FULL, 2, 3, padding=1)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, _SLOPE, nonlinearity="leaky_relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        nn.init.normal_(self.last.weight, 0, 0.01)

    def forward(self, patch: torch.Tensor) -> torch.Tensor:
        """Share of wall and expected absolute error of it.

        patch : (B, 12, h, w), of `edge_inputs`; h and w multiples of 4. Returns (B, 2, h, w) in (0, 1).
        """
        return torch.sigmoid(self.logits(patch))

    def logits(self, patch: torch.Tensor) -> torch.Tensor:
        """The outputs before the sigmoid, (B, 2, h, w)."""
        full = _active(self.first(patch))
        half = _active(self.down[0](full))
        half = half + _active(self.middle(half))
        quarter = _active(self.down[1](half))
        for layer in self.coarse:
            quarter = quarter + _active(layer(quarter))
        half = _active(self.merge[0](_doubled(self.back[0](quarter)) + half))
        return self.last(_active(self.merge[1](_doubled(self.back[1](half)) + full)))


def _convolution(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation)


def _active(x: torch.Tensor) -> torch.Tensor:
    return leaky_relu(x, _SLOPE)


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
