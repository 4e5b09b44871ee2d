"""The ControlNet that holds a repaint to the room's depth (Zhang et al. 2023), and the picture it looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wallpaint.diffusion.checkpoints.configs import sd15_folder
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import Source, WeightsError
from wallpaint.optional import needs_extra
from wallpaint.photo import resized_depth, stretched

with needs_extra("diffusion", "A depth ControlNet"):
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

DEPTH_CONTROLNET = "depth-controlnet"  #: the known name of the depth ControlNet of SD 1.5

_WEIGHTS = "diffusion_pytorch_model"
_SHAPES = ("cross_attention_dim", "block_out_channels", "layers_per_block", "down_block_types")
_CURE = f"The one for SD 1.5 comes with: wallpaint models pull {DEPTH_CONTROLNET}"


def load_depth_controlnet(
    source: Source, unet: UNet2DConditionModel, dtype: torch.dtype = torch.float32
) -> ControlNetModel:
    """Load a ControlNet and see that it fits.

    Parameters
    ----------
    source : path or str
        A folder of diffusers' format, a single file of SD 1.5's shapes (``.safetensors``, ``.pth``; diffusers' names
        or those of the original release), a known name, or a hub id whose files are here already.
    unet : UNet2DConditionModel
        The one it is to steer.
    dtype : torch.dtype
        Of the weights.

    Returns
    -------
    ControlNetModel
        In evaluation mode, on the CPU.

    Raises
    ------
    MissingWeightsError
        It is not on this machine.
    WeightsError
        It is damaged, something else, or made for another UNet; the message names what differs.
    """
    path = resolve_path(source)
    try:
        controlnet = _from_file(path) if path.is_file() else _from_folder(path)
    except WeightsError:
        raise
    except Exception as error:  # diffusers raises OSError, ValueError, KeyError, AttributeError, RuntimeError …
        reason = str(error).strip().partition("\n")[0].partition(". ")[0].rstrip(".")
        raise WeightsError(path, f"no ControlNet can be loaded from it ({reason}). {_CURE}") from None
    _check_fit(controlnet, unet, path)
    return torch.nn.Module.to(controlnet, dtype=dtype)  # its own to() warns of layers to keep in float32 that it lacks


def control_image(depth: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """What the ControlNet is shown.

    Parameters
    ----------
    depth : (H, W) float
        [0, 1], near = 1; of the part of the photo that the UNet sees.
    size : (h, w)
        Pixels, the size the UNet's picture has: multiples of 8.

    Returns
    -------
    (1, 3, h, w) float32 tensor
        Three equal channels, stretched to [0, 1].
    """
    grey = stretched(resized_depth(depth, size))
    return torch.from_numpy(grey).expand(1, 3, *size).contiguous()


def _from_folder(folder: Path) -> Any:
    whole = any((folder / f"{_WEIGHTS}.{kind}").is_file() for kind in ("safetensors", "bin"))
    controlnet, report = ControlNetModel.from_pretrained(
        folder, variant=None if whole else "fp16", local_files_only=True, output_loading_info=True
    )
    if missing := report["missing_keys"]:
        raise WeightsError(folder, f"{len(missing):,} weights of a ControlNet are missing ({min(missing)}). {_CURE}")
    return controlnet


def _from_file(path: Path) -> Any:
    config = str(sd15_folder("controlnet"))
    try:
        return ControlNetModel.from_single_file(str(path), config=config, local_files_only=True)
    except NotImplementedError:  # a layer that the file did not fill cannot be moved
        raise WeightsError(path, f"weights of a ControlNet are missing. {_CURE}") from None


def _check_fit(controlnet: Any, unet: Any, path: Path) -> None:
    for shape in _SHAPES:
        has, needs = _plain(controlnet.config[shape]), _plain(unet.config[shape])
        if has != needs:
            raise WeightsError(
                path, f"this ControlNet is for another UNet ({shape} {has}, the UNet's is {needs}). {_CURE}"
            )


def _plain(value: Any) -> Any:
    """Lists, as JSON has them, equal the tuples of a model made in memory."""
    return tuple(value) if isinstance(value, list) else value
