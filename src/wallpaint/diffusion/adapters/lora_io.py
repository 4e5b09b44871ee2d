"""LoRA files: written in diffusers' layout with complete metadata, loaded in any common layout, one or several."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from wallpaint.diffusion.adapters.lora import lora_weights, refuse_second_lora
from wallpaint.diffusion.adapters.lora_files.read import read_lora
from wallpaint.diffusion.adapters.lora_sum import insert_loras
from wallpaint.diffusion.checkpoints.tensor_file import write_tensors
from wallpaint.errors import Source
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY, LORA_WEIGHT_NAME_SAFE

_UNET = "unet."


def save_lora(unet: UNet2DConditionModel, path: Source) -> Path:
    """Write a UNet's LoRA for ``load_lora_weights`` of diffusers, with alpha and the other settings in the metadata.

    Parameters
    ----------
    unet : UNet2DConditionModel
    path : path
        A ``.safetensors`` file, or a folder, in which ``pytorch_lora_weights.safetensors`` is written.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SettingError
        The UNet has no LoRA.
    OutputError
        The file cannot be written.
    """
    weights, path = lora_weights(unet), Path(path)
    file = path if path.suffix == ".safetensors" else path / LORA_WEIGHT_NAME_SAFE
    tensors = {_UNET + name: tensor for name, tensor in weights.state_dict().items()}
    config = {_UNET + name: value for name, value in weights.config().items()}
    write_tensors(file, tensors, {LORA_ADAPTER_METADATA_KEY: json.dumps(config, sort_keys=True)})
    return file


def load_lora(unet: UNet2DConditionModel, path: Source, scale: float = 1.0) -> None:
    """Add the LoRA in a file to a UNet; see `load_loras`."""
    load_loras(unet, [(path, scale)])


def load_loras(unet: UNet2DConditionModel, loras: Iterable[tuple[Source, float]]) -> None:
    """Add the sum of the LoRAs in some files to a UNet, frozen and in float32; see `insert_loras`.

    Parameters
    ----------
    unet : UNet2DConditionModel
        In its final dtype, without LoRA.
    loras : iterable of (path, scale)
        The file, or a folder with ``pytorch_lora_weights.safetensors`` or ``adapter_model.safetensors``. Tensors may
        have the names of diffusers (current or former), peft, kohya-ss, LyCORIS, AUTOMATIC1111, ComfyUI or OneTrainer.
        Any layer may be changed, by LoRA, DoRA, LoHa, LoKr or the difference of the weights. A scale of 0 disables the
        file, 1 is as trained.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, is not a LoRA, or was trained for another family (`read_lora`). The UNet is unchanged.
    SettingError
        The UNet has a LoRA already, or a scale is NaN or infinite.

    Warns
    -----
    WallpaintWarning
        A file has no alpha, so the rank is used; or parts of it are ignored.
    """
    refuse_second_lora(unet)
    insert_loras(unet, [(read_lora(path, unet), scale) for path, scale in loras])
