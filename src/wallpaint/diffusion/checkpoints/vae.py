"""A VAE that is used instead of a base's own: a folder of diffusers, or a single file."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL

from wallpaint.diffusion.checkpoints.configs import sd15_folder
from wallpaint.diffusion.checkpoints.loading import load_folder, load_single_file, readable
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.diffusion.hub.repo_files import read_configuration
from wallpaint.errors import WeightsError

_CURE = "Use one of Stable Diffusion 1.5, such as stabilityai/sd-vae-ft-mse."
_LATENT_CHANNELS = 4


def load_vae(path: Path, dtype: torch.dtype = torch.float32) -> AutoencoderKL:
    """Load a VAE, frozen and in evaluation mode.

    Parameters
    ----------
    path : Path
        A folder with ``config.json``, or with ``vae/``; or a file with the shapes of Stable Diffusion 1.5, with names
        of diffusers or of the original code, alone or in a whole checkpoint.
    dtype : torch.dtype

    Raises
    ------
    MissingWeightsError, WeightsError
    """
    if path.is_file():
        tensors, _ = read_tensors(path)
        if not any("decoder.conv_in." in name for name in tensors):
            raise WeightsError(path, f"there is no VAE in this file. {_CURE}")
        with readable(path, "VAE", _CURE):
            return load_single_file(AutoencoderKL, tensors, sd15_folder("vae"), dtype)
    folder = path / "vae" if (path / "vae" / "config.json").is_file() else path
    config = folder / "config.json"
    kind = read_configuration(config).get("_class_name", AutoencoderKL.__name__) if config.is_file() else None
    if kind != AutoencoderKL.__name__:
        raise WeightsError(path, f"this is {f'an {kind}' if kind else 'not a VAE'}, not an AutoencoderKL. {_CURE}")
    return load_folder(AutoencoderKL, folder, dtype, "VAE", _CURE)


def check_vae(path: Path, vae: AutoencoderKL, scaling_factor: float) -> None:
    """Raise `WeightsError` if a VAE's latents are not those of Stable Diffusion 1.5: SDXL's have another scale."""
    channels, factor = vae.config.latent_channels, vae.config.scaling_factor
    if channels != _LATENT_CHANNELS or abs(factor - scaling_factor) > 1e-3:
        raise WeightsError(
            path,
            f"its latents are not those of Stable Diffusion 1.5: {channels} channels, scaled by {factor:g}, not "
            f"{_LATENT_CHANNELS}, scaled by {scaling_factor:g}. {_CURE}",
        )
