"""The two networks that find walls, for training, and their export as ONNX for OpenCV's dnn.

`LookNetwork` sees the photo once: all walls, features, and embeddings in which one paint, or one flat surface, is
alike.
`ClickNetwork` turns features and clicks into the wall meant, in a few milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import nn
from torch.nn.functional import interpolate, leaky_relu, max_pool2d, normalize

from wallpaint.networks.wall_inputs import CLICK_MAPS, FEATURES, PAINT_CHANNELS, PLANE_CHANNELS
from wallpaint.rooms.snapshots.labels import Label

_SLOPE = 0.1  # of the leaky ReLU below 0, as in the pretrained encoder
_NECK = 96
_STEM = 32


class Convolution(nn.Sequential):
    """3×3 or 1×1 convolution and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, stride: int = 1, dilation: int = 1) -> None:
        padding = (size // 2) * dilation
        convolution = nn.Conv2d(inputs, outputs, size, stride, padding, dilation)
        nn.init.kaiming_normal_(convolution.weight, _SLOPE, nonlinearity="leaky_relu")
        if convolution.bias is not None:
            nn.init.zeros_(convolution.bias)
        super().__init__(convolution, nn.LeakyReLU(_SLOPE))


class Stage(nn.Module):
    """Cross-stage partial block of NanoDet-g's encoder: halves the size, doubles the channels.

    Wang et al., "CSPNet", CVPR workshops 2020; RangiLyu/nanodet, ``CustomCspNet``.

    Parameters
    ----------
    inputs : int
        Channels; the output has twice as many.
    depth : int
        Number of residual blocks.
    stride : int
    """

    def __init__(self, inputs: int, depth: int, stride: int = 2) -> None:
        super().__init__()
        self.first = Convolution(inputs, inputs, stride=stride)
        half = inputs // 2
        self.blocks = nn.ModuleList(
            nn.ModuleList([Convolution(inputs, half), Convolution(half, half)]) for _ in range(depth)
        )
        self.last = Convolution(inputs, inputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, h, w) → (B, 2C, h / stride, w / stride)"""
        first = x = self.first(x)
        for block in self.blocks:
            before, after = cast(nn.ModuleList, block)
            half = before(x)
            x = torch.cat([after(half), half], 1)
        return torch.cat([self.last(x), first], 1)


class Encoder(nn.Module):
    """NanoDet-g's encoder, with features of 32, 64, 128, 256 and 512 channels at strides 2 to 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, _STEM, stride=2)
        self.stages = nn.ModuleList([Stage(32, 1, 1), Stage(64, 2), Stage(128, 2), Stage(256, 3)])

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """(B, 3, H, W) → features from fine to coarse."""
        features = [self.stem(x)]
        x = max_pool2d(features[0], 3, 2, 1)
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class Look(NamedTuple):
    """What the look network gives.

    Attributes
    ----------
    wall : (B, 1, H/2, W/2)
        Log odds of wall.
    features : (B, 64, H/4, W/4)
    fine : (B, 32, H/2, W/2)
        Features of the stem.
    paint : (B, 32, H/4, W/4)
        Embedding of length 1.
    plane : (B, 16, H/4, W/4)
        Embedding of length 1.
    """

    wall: torch.Tensor
    features: torch.Tensor
    fine: torch.Tensor
    paint: torch.Tensor
    plane: torch.Tensor


class LookNetwork(nn.Module):
    """Encoder with a feature pyramid (Lin et al., CVPR 2017), a vector of the whole picture, and three heads."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.context = nn.Conv2d(512, _NECK, 1)
        self.lateral = nn.ModuleList(nn.Conv2d(channels, _NECK, 1) for channels in (64, 128, 256, 512))
        self.merge = nn.ModuleList([Convolution(_NECK, FEATURES), Convolution(_NECK, _NECK), Convolution(_NECK, _NECK)])
        self.fine = Convolution(_STEM, _STEM, 1)
        self.coarse = Convolution(FEATURES + 2, 48)
        self.rise = nn.Conv2d(48, _STEM, 1)
        self.join = Convolution(_STEM, _STEM)
        self.wall = nn.Conv2d(_STEM, 1, 3, padding=1)
        self.paint = nn.Conv2d(48, PAINT_CHANNELS, 1)
        self.plane = nn.Conv2d(48, PLANE_CHANNELS, 1)
        self.labels = nn.Conv2d(48, len(Label), 1)

    def forward(self, photo: torch.Tensor) -> Look:
        """photo : (B, 3, H, W), normalized; H and W multiples of 32."""
        return self.both(photo)[0]

    def both(self, photo: torch.Tensor) -> tuple[Look, torch.Tensor]:
        """The outputs, and (B, 11, H/4, W/4) logits of the classes, an auxiliary target of training."""
        stem, *features = self.encoder(photo)
        coarsest = features[-1]
        x = self.lateral[3](coarsest)
        x = leaky_relu(x + _everywhere(self.context(coarsest.mean((2, 3), keepdim=True)), x), _SLOPE)
        for level in (2, 1, 0):
            x = self.merge[level](_doubled(x) + self.lateral[level](features[level]))
        shared = self.coarse(torch.cat([x, _coordinates(x)], 1))
        fine = self.fine(stem)
        wall = self.wall(self.join(_doubled(self.rise(shared)) + fine))
        paint, plane = normalize(self.paint(shared)), normalize(self.plane(shared))
        return Look(wall, x, fine, paint, plane), self.labels(shared)


class ClickNetwork(nn.Module):
    """A small U-Net (Ronneberger et al., MICCAI 2015) over features and click maps."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Convolution(FEATURES + CLICK_MAPS + 1, 48)
        self.down = nn.ModuleList([Convolution(48, 64, stride=2), Convolution(64, 96, stride=2)])
        self.around = nn.ModuleList([Convolution(96, 96, dilation=2), Convolution(96, 96, dilation=4)])
        self.context = nn.Conv2d(96, 96, 1)
        self.back = nn.ModuleList([nn.Conv2d(96, 64, 1), nn.Conv2d(64, 48, 1), nn.Conv2d(48, _STEM, 1)])
        self.merge = nn.ModuleList([Convolution(64, 64), Convolution(48, 48), Convolution(_STEM, _STEM)])
        self.wall = nn.Conv2d(_STEM, 1, 3, padding=1)

    def forward(
        self, features: torch.Tensor, fine: torch.Tensor, wall: torch.Tensor, maps: torch.Tensor
    ) -> torch.Tensor:
        """Log odds of the wall meant.

        Parameters
        ----------
        features, fine, wall : tensors
            Of `Look`.
        maps : (B, 7, H/4, W/4)
            From `click_maps`.

        Returns
        -------
        (B, 1, H/2, W/2)
        """
        prior = nn.functional.avg_pool2d(wall, 2)
        first = self.first(torch.cat([features, maps, prior], 1))
        half = self.down[0](first)
        x = quarter = self.down[1](half)
        for layer in self.around:
            x = x + layer(x)
        x = x + _everywhere(self.context(quarter.mean((2, 3), keepdim=True)), x)
        for back, merge, skip in zip(self.back, self.merge, (half, first, fine), strict=True):
            x = merge(_doubled(back(x)) + skip)
        return self.wall(x)


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def _everywhere(vector: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """(B, C, 1, 1) repeated to the size of x; OpenCV 5.0 cannot add it to a convolution as it is."""
    return vector.expand_as(x)


def _coordinates(x: torch.Tensor) -> torch.Tensor:
    """(B, 2, h, w): vertical and horizontal position, -1 to 1."""
    column = torch.cumsum(torch.ones_like(x[:, :1]), 2)
    row = torch.cumsum(torch.ones_like(x[:, :1]), 3)
    return torch.cat([column / column[:, :, -1:] * 2 - 1, row / row[..., -1:] * 2 - 1], 1)
