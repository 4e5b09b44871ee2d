"""The network that looks at a room and tells how its light will answer to its paint, for training.

What runs at run time is the same arithmetic in numpy: `wallpaint.networks.forward_pass`.
"""

from __future__ import annotations

import itertools

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate, pixel_shuffle, pixel_unshuffle, silu

from wallpaint.networks.interreflection_inputs import CHANNELS, FOLD, GROUPS, OUTPUTS


class Block(nn.Module):
    """Two convolutions beside a shortcut, normalized before each (He et al., ECCV 2016; Wu & He, ECCV 2018)."""

    def __init__(self, entering: int, leaving: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, entering)
        self.conv1 = nn.Conv2d(entering, leaving, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, leaving)
        self.conv2 = nn.Conv2d(leaving, leaving, 3, padding=1)
        self.shortcut = nn.Conv2d(entering, leaving, 1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, entering, h, w) → (B, leaving, h, w)"""
        inner = self.conv1(silu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(silu(self.norm2(inner)))


class BounceNetwork(nn.Module):
    """A U-Net (Ronneberger et al., MICCAI 2015) at half of the size it is shown, with one look at the whole picture.

    Parameters
    ----------
    widths : ints
        Channels at each scale, from fine to coarse; multiples of 8.
    """

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 160)) -> None:
        super().__init__()
        self.stem = nn.Conv2d(CHANNELS * FOLD**2, widths[0], 3, padding=1)
        self.first = Block(widths[0], widths[0])
        self.down = nn.ModuleList(Block(a, b) for a, b in itertools.pairwise(widths))
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.middle = Block(widths[-1], widths[-1])
        self.up = nn.ModuleList(Block(b + a, a) for a, b in itertools.pairwise(widths))
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.head = nn.Conv2d(widths[0], OUTPUTS * FOLD**2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        start = torch.tensor([-1.5] * 3 + [-1.0] * 3 + [0.0])
        self.head.bias = nn.Parameter(start.repeat_interleave(FOLD**2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 12, H, W) → (B, 7, H, W) before any sigmoid; H and W multiples of 16."""
        y = self.first(self.stem(pixel_unshuffle(x, FOLD)))
        kept = []
        for block in self.down:
            kept.append(y)
            y = block(avg_pool2d(y, 2))
        y = self.middle(y + self.whole(y.mean((2, 3)))[..., None, None])
        for block, fine in zip(reversed(self.up), reversed(kept), strict=True):
            y = block(torch.cat([interpolate(y, scale_factor=2.0, mode="nearest"), fine], 1))
        return pixel_shuffle(self.head(silu(self.norm(y))), FOLD)
