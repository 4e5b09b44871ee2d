"""Single-file checkpoints, as A1111, ComfyUI and kohya share them: UNet, VAE and text encoder under one roof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    create_diffusers_clip_model_from_ldm,
    is_clip_model,
    load_single_file_checkpoint,
)
from transformers import CLIPTextModel

from wallpaint.diffusion.loading import complete, readable
from wallpaint.diffusion.sd15_config import sd15_folder
from wallpaint.errors import MissingWeightsError

SUFFIXES = (".safetensors", ".ckpt", ".pt", ".bin")


def is_single_file(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


class Checkpoint:
    """A single file, read once; parts are made from it as they are asked for.

    Raises
    ------
    WeightsError
        The file is damaged, here or when the part is made that the damage is in.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path, "checkpoint"):
            self._weights = load_single_file_checkpoint(str(path), local_files_only=True)

    def unet(self, dtype: torch.dtype) -> UNet2DConditionModel:
        return self._part("unet", UNet2DConditionModel, dtype)

    def vae(self, dtype: torch.dtype) -> AutoencoderKL:
        return self._part("vae", AutoencoderKL, dtype)

    def text_encoder(self) -> CLIPTextModel:
        """The text encoder; `MissingWeightsError` if the file holds none."""
        if not is_clip_model(self._weights):
            raise MissingWeightsError(self.path, "there is no text encoder of Stable Diffusion 1.5 in this file.")
        config = str(sd15_folder("text_encoder"))
        with readable(self.path, "text encoder"):
            return complete(
                create_diffusers_clip_model_from_ldm(
                    CLIPTextModel, dict(self._weights), config=config, local_files_only=True
                )
            )

    def _part(self, part: Any, model: Any, dtype: torch.dtype) -> Any:
        config = str(sd15_folder(part))
        with readable(self.path, part):
            # a copy, because the conversion takes keys out
            return complete(
                model.from_single_file(dict(self._weights), config=config, torch_dtype=dtype, local_files_only=True)
            )
