"""The base model: UNet and VAE of Stable Diffusion 1.5 inpainting.

It is loaded from a diffusers folder (``unet/``, ``vae/``, ``scheduler/``), a single ``.safetensors`` or ``.ckpt`` file,
the name of a known model or a hub id. Nothing is downloaded.
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
from wallpaint.diffusion.checkpoints.family import INPAINTING_CHANNELS
from wallpaint.diffusion.checkpoints.kinds import UNET, fault_for_paint, kind_of, not_inpainting, with_article
from wallpaint.diffusion.checkpoints.loading import load_folder, readable
from wallpaint.diffusion.checkpoints.single_file import SUFFIXES, Checkpoint, is_single_file
from wallpaint.diffusion.checkpoints.tensor_headers import read_headers
from wallpaint.diffusion.checkpoints.vae import check_vae, load_vae
from wallpaint.diffusion.hub.download import find_model
from wallpaint.diffusion.hub.repo_files import read_configuration
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import MissingWeightsError, WeightsError, warn_of

SHIPPED = ("mini",)
SD15 = "sd15"
LDM_UNET = "model.diffusion_model."


@dataclass(frozen=True)
class Base:
    """UNet, VAE and noise schedule of a base model.

    Attributes
    ----------
    path : Path
        The folder or file they were loaded from.
    unet : UNet2DConditionModel
        With nine input channels, in evaluation mode, frozen.
    vae : AutoencoderKL
        In evaluation mode, frozen.
    scheduler_config : dict
        Configuration of the scheduler it was trained with.
    """

    path: Path
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    scheduler_config: dict[str, Any]

    @property
    def pixels_per_latent(self) -> int:
        """Side of one latent in pixels."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def working_size(self) -> int:
        """Side of the square training pictures, in pixels."""
        return int(self.unet.config.sample_size) * self.pixels_per_latent

    @property
    def side_multiple(self) -> int:
        """Pixels of which a picture's sides must be multiples, so that every level of the UNet can halve them."""
        return self.pixels_per_latent * 2 ** (len(self.unet.config.block_out_channels) - 1)


def find_base(source: str | Path) -> Path:
    """Find a base on this machine.

    Parameters
    ----------
    source : str or Path
        A folder or file; "mini"; "sd15" or another known name; or a hub id such as "owner/name", for its local copy.

    Raises
    ------
    MissingWeightsError, SettingError
        See `resolve_path`.
    """
    if source in SHIPPED:  # Path("mini") is a folder of that name
        return Path(str(files("wallpaint"))) / "weights" / str(source)
    return resolve_path(source)


def load_base(source: str | Path, dtype: torch.dtype = torch.float32, vae: Path | None = None) -> Base:
    """Load a base with weights of a dtype.

    Parameters
    ----------
    source : str or Path
        See `find_base`.
    dtype : torch.dtype
    vae : Path, optional
        A VAE that is used instead of the base's own; see `load_vae`. A base without VAE gets that of sd15, if it is on
        this machine.

    Raises
    ------
    MissingWeightsError
        The base or a part of it is not on this machine.
    WeightsError
        A file is damaged, or the model is not an inpainting model, which has input channels for a mask.
    """
    path = find_base(source)
    _check_unet(path)
    if is_single_file(path):
        checkpoint = Checkpoint(path)
        if vae is not None or not checkpoint.has_vae:
            own_vae = load_vae(vae or _of_sd15(path, "vae"), dtype)
        else:
            own_vae = checkpoint.vae(dtype)
        base = Base(path, checkpoint.unet(dtype), own_vae, sd15_config("scheduler"))
    else:
        unet = _part(path, "unet", UNet2DConditionModel, dtype)
        if vae is not None or not (path / "vae").is_dir():
            own_vae = load_vae(vae or _of_sd15(path, "vae"), dtype)
        else:
            own_vae = _part(path, "vae", AutoencoderKL, dtype)
        base = Base(path, unet, own_vae, _scheduler_config(path))
    if vae is not None:
        check_vae(vae, base.vae, sd15_config("vae")["scaling_factor"])
    return base


def load_text_encoder(path: Path) -> CLIPTextModel:
    """The text encoder of a base, in float32; that of sd15 if it has none, or `MissingWeightsError`."""
    if is_single_file(path):
        checkpoint = Checkpoint(path)
        if checkpoint.has_text_encoder:
            return checkpoint.text_encoder()
        path = _of_sd15(path, "text_encoder").parent
    elif not (path / "text_encoder").is_dir():
        path = _of_sd15(path, "text_encoder").parent
    encoder: CLIPTextModel = _part(path, "text_encoder", CLIPTextModel, torch.float32)
    return encoder


def _check_unet(path: Path) -> None:
    """Refuse a base of another family, or one that is not an inpainting model, before its weights are read."""
    if is_single_file(path):
        shapes = {name: header.shape for name, header in read_headers(path).items()}
        kind = kind_of(shapes)
        is_whole = any(name.startswith((LDM_UNET, "first_stage_model.")) for name in shapes)
        if fault := fault_for_paint(UNET if is_whole else kind, shapes):
            raise WeightsError(path, fault)
        if not is_whole and kind not in ("unknown", UNET):
            raise WeightsError(path, f"this is {with_article(kind)}, not a base model. Use a base such as sd15.")
        return
    config = path / "unet" / "config.json"
    if not config.is_file():
        return
    settings = read_configuration(config)
    channels = settings.get("in_channels", INPAINTING_CHANNELS)
    if settings.get("addition_embed_type") is not None:
        raise WeightsError(path, "this is not a model of Stable Diffusion 1.5. Use one such as sd15.")
    if channels != INPAINTING_CHANNELS:
        raise WeightsError(path, not_inpainting(channels))


def _of_sd15(path: Path, part: str) -> Path:
    """The folder of a part of sd15, which a base without it uses. Warns that it does."""
    name = part.replace("_", " ").replace("vae", "VAE")
    try:
        folder = find_model(SD15) / part
    except MissingWeightsError:
        raise MissingWeightsError(
            path, f"it has no {name}. That of {SD15} would be used: wallpaint models pull {SD15}"
        ) from None
    warn_of(path, f"it has no {name}, so that of {SD15} is used.")
    return folder


def _part(path: Path, name: str, model: Any, dtype: torch.dtype) -> Any:
    if path.is_file():
        raise WeightsError(path, f"this is not a model. Use a folder, or a file that ends in {' or '.join(SUFFIXES)}.")
    folder = path / name
    if not (folder / "config.json").is_file():
        raise MissingWeightsError(path, f"{name}/config.json is missing: this is not a model in diffusers' layout.")
    return load_folder(model, folder, dtype)


def _scheduler_config(path: Path) -> dict[str, Any]:
    config = path / "scheduler" / "scheduler_config.json"
    if not config.is_file():
        return sd15_config("scheduler")
    with readable(path, "scheduler"):
        content: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
        return content
