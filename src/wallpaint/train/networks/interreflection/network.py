"""The U-Net that predicts interreflection, for training, and its weights files.

At run time the same arithmetic runs in numpy: `wallpaint.networks.forward_pass`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate, pixel_shuffle, pixel_unshuffle, silu

from wallpaint.diffusion.checkpoints.tensor_file import write_tensors
from wallpaint.errors import WeightsError
from wallpaint.networks.interreflection_inputs import CHANNELS, FOLD, GROUPS, OUTPUTS
from wallpaint.networks.weights import WEIGHTS, read_weights
from wallpaint.photo import write_files


class Block(nn.Module):
    """Pre-activation residual block: two 3×3 convolutions with group norm, and a 1×1 shortcut.

    He et al., "Identity Mappings in Deep Residual Networks", ECCV 2016; Wu & He, "Group Normalization", ECCV 2018.

    Parameters
    ----------
    in_channels, out_channels : int
        Multiples of `GROUPS`.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, in_channels, h, w) → (B, out_channels, h, w)"""
        inner = self.conv1(silu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(silu(self.norm2(inner)))


class InterreflectionNetwork(nn.Module):
    """U-Net (Ronneberger et al., MICCAI 2015) at half the input's resolution, with global average pooling.

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
        skips = []
        for block in self.down:
            skips.append(y)
            y = block(avg_pool2d(y, 2))
        y = self.middle(y + self.whole(y.mean((2, 3)))[..., None, None])
        for block, skip in zip(reversed(self.up), reversed(skips), strict=True):
            y = block(torch.cat([interpolate(y, scale_factor=2.0, mode="nearest"), skip], 1))
        return pixel_shuffle(self.head(silu(self.norm(y))), FOLD)


def export_network(network: InterreflectionNetwork, folder: Path, metadata: Mapping[str, object]) -> Path:
    """Write ``FOLDER/bounce.safetensors`` in float16, and `metadata` as JSON in ``FOLDER/bounce.json``.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    path = folder / WEIGHTS
    write_tensors(path, {name: value.half() for name, value in network.state_dict().items()}, {})
    parameters = sum(value.numel() for value in network.parameters())
    write_files({path.with_suffix(".json"): json.dumps({"parameters": parameters, **metadata}, indent=2).encode()})
    return path


def import_network(path: Path, network: InterreflectionNetwork) -> None:
    """Load exported weights into a network.

    Raises
    ------
    WeightsError
        The file is missing or damaged, or its tensors have other names or shapes than the network's.
    """
    weights = {name: torch.from_numpy(value.copy()) for name, value in read_weights(path).items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise WeightsError(
            path, "these weights have other tensors than the interreflection network. Choose a bounce.safetensors."
        ) from None
