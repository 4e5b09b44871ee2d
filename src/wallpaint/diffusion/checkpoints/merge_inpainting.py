"""An inpainting model from a text-to-image model: inpainting + (custom − base), weight by weight.

The known recipe of A1111's checkpoint merger ("add difference"): a fine-tuned model differs from Stable Diffusion 1.5
by what it learned, and that is added to the inpainting model. The weights of the first layer for mask and masked photo,
which text-to-image models lack, stay those of the inpainting model.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel

from wallpaint.diffusion.checkpoints.base import load_base
from wallpaint.diffusion.checkpoints.loading import load_folder
from wallpaint.diffusion.checkpoints.single_file import Checkpoint, is_single_file
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import OutputError, WeightsError

TEXT_TO_IMAGE_CHANNELS = 4
_FIRST = "conv_in.weight"


def merge_inpainting(
    custom: str | Path,
    base: str | Path,
    output: Path,
    inpainting: str | Path = "sd15",
    dtype: torch.dtype = torch.float16,
) -> Path:
    """Write inpainting + (custom − base) as a folder of diffusers with UNet, VAE and schedule.

    Parameters
    ----------
    custom : str or Path
        The fine-tuned text-to-image model, 4 input channels: a file, a folder or a hub id.
    base : str or Path
        The model that it was fine-tuned from: Stable Diffusion 1.5.
    output : Path
        A new folder.
    inpainting : str or Path
        The inpainting version of `base`, 9 input channels.
    dtype : torch.dtype
        Of the weights that are read and written; sums are computed in float32.

    Raises
    ------
    MissingWeightsError
        A model is not on this machine.
    WeightsError
        One has another number of input channels, or other shapes.
    OutputError
        The folder exists or cannot be written.
    """
    if output.exists():
        raise OutputError(output, "it exists already. Name a new folder.")
    merged = load_base(inpainting, dtype)
    learned, before = _text_to_image(custom, dtype), _text_to_image(base, dtype)
    theirs, ours = learned.state_dict(), before.state_dict()
    with torch.no_grad():
        for name, weight in merged.unet.named_parameters():
            own = (*weight.shape[:1], TEXT_TO_IMAGE_CHANNELS, *weight.shape[2:]) if name == _FIRST else weight.shape
            for source, others in ((custom, theirs), (base, ours)):
                if name not in others or others[name].shape != own:
                    raise WeightsError(source, f"its weight {name} does not fit that of {inpainting}. Use SD 1.5.")
            change = theirs[name].float() - ours[name].float()
            part = weight[:, :TEXT_TO_IMAGE_CHANNELS] if name == _FIRST else weight
            part.copy_(part.float() + change)
    try:
        merged.unet.save_pretrained(output / "unet")
        merged.vae.save_pretrained(output / "vae")
        DDIMScheduler.from_config(merged.scheduler_config).save_pretrained(output / "scheduler")
    except OSError as error:
        raise OutputError.of(output, error) from None
    return output


def _text_to_image(source: str | Path, dtype: torch.dtype) -> UNet2DConditionModel:
    path = resolve_path(source)
    unet = (
        Checkpoint(path).unet(dtype)
        if is_single_file(path)
        else load_folder(UNet2DConditionModel, path / "unet", dtype)
    )
    if unet.config.in_channels != TEXT_TO_IMAGE_CHANNELS:
        raise WeightsError(
            path,
            f"this is not a text-to-image model: its UNet has {unet.config.in_channels} input channels, not "
            f"{TEXT_TO_IMAGE_CHANNELS}. Use the model before it was made for inpainting.",
        )
    return unet
