"""Depth ControlNet (Zhang et al. 2023): loading it, and its conditioning image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wallpaint.diffusion.checkpoints.configs import sd15_folder
from wallpaint.diffusion.checkpoints.kinds import CONTROLNET, UNET, fault_for_paint, kind_of, with_article
from wallpaint.diffusion.checkpoints.loading import load_folder, load_single_file, readable
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import Source, WeightsError
from wallpaint.optional import needs_extra
from wallpaint.photo import resized_depth, stretched

with needs_extra("diffusion", "A depth ControlNet"):
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

DEPTH_CONTROLNET = "depth-controlnet"  #: the known name of the depth ControlNet of SD 1.5

_SHAPES = ("cross_attention_dim", "block_out_channels", "layers_per_block", "down_block_types")
_CURE = f"Fetch the one for SD 1.5: wallpaint models pull {DEPTH_CONTROLNET}"


def load_depth_controlnet(
    source: Source, unet: UNet2DConditionModel, dtype: torch.dtype = torch.float32
) -> ControlNetModel:
    """Load a ControlNet and check that it fits the UNet.

    Parameters
    ----------
    source : path or str
        A folder in diffusers' format, a single file with the shapes of SD 1.5 (``.safetensors``, ``.pth``; with the
        names of diffusers or of the original release), a known name, or a hub id whose files are on this machine.
    unet : UNet2DConditionModel
    dtype : torch.dtype
        dtype of the weights.

    Returns
    -------
    ControlNetModel
        In evaluation mode, on the CPU.

    Raises
    ------
    MissingWeightsError
        It is not on this machine.
    WeightsError
        It is damaged, is not a ControlNet, or was made for another UNet; the message names the difference.
    """
    path = resolve_path(source)
    if path.is_file():
        with readable(path, "ControlNet", _CURE):
            tensors, _ = read_tensors(path)
            _check_kind(tensors, path)
            controlnet = load_single_file(ControlNetModel, tensors, sd15_folder("controlnet"), dtype)
    else:
        controlnet = load_folder(ControlNetModel, path, dtype, "ControlNet", _CURE)
    _check_fit(controlnet, unet, path)
    return controlnet


def control_image(depth: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """The conditioning image of the ControlNet.

    Parameters
    ----------
    depth : (H, W) float
        Depth of the crop that the model paints, in [0, 1], near = 1.
    size : (h, w)
        Size of the model's picture in pixels, multiples of 8.

    Returns
    -------
    (1, 3, h, w) float32 tensor
        Three equal channels, stretched to [0, 1].
    """
    grey = stretched(resized_depth(depth, size))
    return torch.from_numpy(grey).expand(1, 3, *size).contiguous()


def _check_kind(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    kind = kind_of(shapes)
    if fault := fault_for_paint(kind, shapes) if kind != UNET else "":
        raise WeightsError(path, f"{fault} {_CURE}")
    if kind not in (CONTROLNET, "unknown"):
        raise WeightsError(path, f"this is {with_article(kind)}, not a ControlNet. {_CURE}")


def _check_fit(controlnet: Any, unet: Any, path: Path) -> None:
    for shape in _SHAPES:
        has, needs = _plain(controlnet.config[shape]), _plain(unet.config[shape])
        if has != needs:
            raise WeightsError(
                path, f"this ControlNet is for another UNet ({shape} {has}, the UNet's is {needs}). {_CURE}"
            )


def _plain(value: Any) -> Any:
    """Tuples for lists: a configuration read from JSON has lists where that of a model made in memory has tuples."""
    return tuple(value) if isinstance(value, list) else value
