"""Single-file checkpoints as used by A1111, ComfyUI and kohya: UNet, VAE and text encoder in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    LDM_UNET_KEY,
    LDM_VAE_KEYS,
    create_diffusers_clip_model_from_ldm,
    infer_diffusers_model_type,
)
from transformers import CLIPTextModel

from wallpaint.diffusion.checkpoints.configs import Part, sd15_folder
from wallpaint.diffusion.checkpoints.loading import complete, load_single_file, readable
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.errors import MissingWeightsError, WeightsError

SUFFIXES = (".safetensors", ".ckpt", ".pt", ".bin")

_FIRST_LAYER = f"{LDM_UNET_KEY}input_blocks.0.0.weight"
_FIRST_OF_DIFFUSERS = "conv_in.weight"  # in a file of the UNet alone
_TEXT_ENCODER = "cond_stage_model.transformer.text_model."
_CURE = "Use a file with UNet, VAE and text encoder, or a folder in the layout of diffusers."
_KINDS = ("inpainting", "v1", "instruct-pix2pix")  # diffusers' names for files of Stable Diffusion 1.x


def _prefixed(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights with the prefix of the original code for those of a UNet that is alone in its file."""
    first = _FIRST_LAYER.removeprefix(LDM_UNET_KEY)
    prefix = next((start for start in ("", "diffusion_model.") if start + first in weights), None)
    if prefix is None:
        return weights
    return {LDM_UNET_KEY + name.removeprefix(prefix): value for name, value in weights.items()}


def is_single_file(path: Path) -> bool:
    return path.is_file() and path.suffix in SUFFIXES


class Checkpoint:
    """A single file, read once. Its methods make the parts, frozen and in evaluation mode.

    Raises
    ------
    WeightsError
        The file is damaged (raised here, or by the method that makes the damaged part), or is not a model of Stable
        Diffusion 1.x.
    MissingWeightsError
        Raised by a method whose part is not in the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path, "checkpoint"):
            self._weights = _prefixed(read_tensors(path)[0])
            kind = infer_diffusers_model_type(self._weights)
        if kind not in _KINDS:
            raise WeightsError(path, f"this is not a model of Stable Diffusion 1.5 but of {kind}. Use sd15.")

    def unet(self, dtype: torch.dtype) -> UNet2DConditionModel:
        """The UNet, with the number of input channels that the file has."""
        first = next((name for name in (_FIRST_LAYER, _FIRST_OF_DIFFUSERS) if name in self._weights), _FIRST_LAYER)
        self._require("UNet", first)
        return self._part("unet", UNet2DConditionModel, dtype, in_channels=self._weights[first].shape[1])

    @property
    def has_vae(self) -> bool:
        return any(name.startswith(tuple(LDM_VAE_KEYS)) for name in self._weights)

    def vae(self, dtype: torch.dtype) -> AutoencoderKL:
        self._require("VAE", *LDM_VAE_KEYS)
        return self._part("vae", AutoencoderKL, dtype)

    @property
    def has_text_encoder(self) -> bool:
        return any(name.startswith(f"{_TEXT_ENCODER}embeddings.") for name in self._weights)

    def text_encoder(self) -> CLIPTextModel:
        """The text encoder, in float32."""
        self._require("text encoder", f"{_TEXT_ENCODER}embeddings.")
        config = str(sd15_folder("text_encoder"))
        with readable(self.path, "text encoder"):
            encoder = create_diffusers_clip_model_from_ldm(
                CLIPTextModel, dict(self._weights), config=config, torch_dtype=torch.float32, local_files_only=True
            )
            return complete(encoder).requires_grad_(False)

    def _part(self, part: Part, model: Any, dtype: torch.dtype, **settings: Any) -> Any:
        with readable(self.path, part):  # a copy, because the conversion removes keys
            return load_single_file(model, dict(self._weights), sd15_folder(part), dtype, **settings)

    def _require(self, part: str, *starts: str) -> None:
        if not any(key.startswith(starts) for key in self._weights):
            raise MissingWeightsError(self.path, f"no {part} of Stable Diffusion 1.5 is in this file. {_CURE}")
