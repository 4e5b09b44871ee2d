"""The base: the UNet and the VAE of Stable Diffusion 1.5 inpainting, from wherever a person keeps them.

A diffusers folder (``unet/``, ``vae/``, ``scheduler/``), a single ``.safetensors`` or ``.ckpt`` file as other tools
share them, the name of a known model or any hub id: all end in the same `Base`, and none of it touches a network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.diffusion.checkpoints.loading import load_folder, readable
from wallpaint.diffusion.checkpoints.single_file import SUFFIXES, Checkpoint, is_single_file
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import MissingWeightsError, WeightsError

INPAINTING_CHANNELS = 9  # noisy latents, mask, latents of the photo without its wall
SHIPPED = ("mini",)


@dataclass(frozen=True)
class Base:
    """What every repaint needs of a model.

    Attributes
    ----------
    path : Path
        The folder or file it came from.
    unet : UNet2DConditionModel
        Nine input channels; in evaluation mode, without gradients.
    vae : AutoencoderKL
        Likewise.
    scheduler_config : dict
        The noise schedule it was trained with.
    """

    path: Path
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    scheduler_config: dict[str, Any]

    @property
    def pixels_per_latent(self) -> int:
        """Pixels a side of what one latent stands for."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def working_size(self) -> int:
        """Pixels a side of the square pictures it was trained on."""
        return int(self.unet.config.sample_size) * self.pixels_per_latent

    @property
    def side_multiple(self) -> int:
        """What a picture's sides must be multiples of, in pixels, so that every level of the UNet halves evenly."""
        return self.pixels_per_latent * 2 ** (len(self.unet.config.block_out_channels) - 1)


def find_base(source: str | Path) -> Path:
    """Where a base is on this machine.

    Parameters
    ----------
    source : str or Path
        A folder or file; "mini"; "sd15" or another known name; a hub id such as "owner/name", whose local copy is
        meant.

    Raises
    ------
    MissingWeightsError, SettingError
        See `resolve_path`.
    """
    if source in SHIPPED:  # Path("mini") is a folder of that name
        return Path(str(files("wallpaint"))) / "weights" / str(source)
    return resolve_path(source)


def load_base(source: str | Path, dtype: torch.dtype = torch.float32) -> Base:
    """Load a base in the precision it will compute in.

    Raises
    ------
    MissingWeightsError
        It, or a part of it, is not on this machine.
    WeightsError
        A file is damaged, or no inpainting model: one without channels for a mask cannot repaint.
    """
    path = find_base(source)
    if is_single_file(path):
        checkpoint = Checkpoint(path)
        base = Base(path, checkpoint.unet(dtype), checkpoint.vae(dtype), sd15_config("scheduler"))
    else:
        unet, vae = _part(path, "unet", UNet2DConditionModel, dtype), _part(path, "vae", AutoencoderKL, dtype)
        base = Base(path, unet, vae, _scheduler_config(path))
    if base.unet.config.addition_embed_type is not None:
        raise WeightsError(path, "this is a model of another kind than Stable Diffusion 1.5. Use one such as sd15.")
    if base.unet.config.in_channels != INPAINTING_CHANNELS:
        raise WeightsError(
            path,
            f"this is no inpainting model: its UNet takes {base.unet.config.in_channels} channels, not "
            f"{INPAINTING_CHANNELS}. Use one made for inpainting, such as sd15.",
        )
    return base


def load_text_encoder(path: Path) -> CLIPTextModel:
    """The text encoder of a base, in float32; `MissingWeightsError` if it has none."""
    if is_single_file(path):
        return Checkpoint(path).text_encoder()
    encoder: CLIPTextModel = _part(path, "text_encoder", CLIPTextModel, torch.float32)
    return encoder


def _part(path: Path, name: str, model: Any, dtype: torch.dtype) -> Any:
    if path.is_file():
        raise WeightsError(path, f"this is no model: give a folder, or a file that ends in {' or '.join(SUFFIXES)}.")
    folder = path / name
    if not (folder / "config.json").is_file():
        raise MissingWeightsError(path, f"{name}/config.json is missing: this is no model in the layout of diffusers.")
    return load_folder(model, folder, dtype)


def _scheduler_config(path: Path) -> dict[str, Any]:
    config = path / "scheduler" / "scheduler_config.json"
    if not config.is_file():
        return sd15_config("scheduler")
    with readable(path, "scheduler"):
        content: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
        return content
