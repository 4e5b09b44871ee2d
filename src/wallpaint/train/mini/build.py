"""Building the mini's folder part by part; a part that is there already is not trained again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.diffusion.encoders.empty_prompt import save_zero_prompt
from wallpaint.diffusion.load import RECOMMENDED
from wallpaint.photo import write_files
from wallpaint.train.mini.base import BASE_FIT, train_base
from wallpaint.train.mini.fitting import FitSettings, StepCallback
from wallpaint.train.mini.models import SIDE, mini_image_encoder, save_half, zero_prompt
from wallpaint.train.mini.pool import encode_pool, paint_pool
from wallpaint.train.mini.vae import VAE_FIT, train_vae
from wallpaint.train.models.export import KOHYA

POOL = 4096  #: painted samples

_SAMPLING = {"strength": 0.5}  # share of the steps run from the noised reference colour: best, see docs/results.md
_INDEX = {
    "_class_name": "StableDiffusionInpaintPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
}


def build_vae(
    rooms: Sequence[Path],
    folder: Path,
    settings: FitSettings = VAE_FIT,
    count: int = POOL,
    callback: StepCallback | None = None,
) -> Path:
    """Train the VAE on pictures of rooms and save it; its checkpoint is in ``FOLDER/work``.

    Parameters
    ----------
    rooms : sequence of Path
        Room files.
    folder : Path
        Folder of the model and the work in progress.
    settings : FitSettings
    count : int
        Number of painted samples to train on.
    callback : callable, optional
        Called after each step with the number of steps done and the loss.

    Returns
    -------
    Path
        ``FOLDER/model/vae``.

    Raises
    ------
    WeightsError
        The work in progress belongs to a run with other settings or rooms.
    """
    path = folder / "model" / "vae"
    if not (path / "config.json").exists():
        pool = paint_pool(rooms, count, SIDE, folder / "work" / "pool")
        vae = train_vae(pool, folder / "work" / "vae", settings, callback)
        _, scale = encode_pool(vae, pool)
        vae.register_to_config(scaling_factor=scale)
        save_half(vae, path)
    return path


def build_base(
    rooms: Sequence[Path],
    folder: Path,
    settings: FitSettings = BASE_FIT,
    count: int = POOL,
    callback: StepCallback | None = None,
) -> Path:
    """Train the base UNet with the VAE in the folder and save a complete pipeline, ``FOLDER/model``.

    Parameters and errors as in `build_vae`, which is run first if its result is missing.
    """
    model = folder / "model"
    vae = AutoencoderKL.from_pretrained(build_vae(rooms, folder, count=count), local_files_only=True).eval()
    if not (model / "unet" / "config.json").exists():
        latents, _ = encode_pool(vae, paint_pool(rooms, count, SIDE, folder / "work" / "pool"))
        save_half(train_base(latents, folder / "work" / "base", settings, callback=callback), model / "unet")
    save_half(mini_image_encoder(), model / "image_encoder")
    DDIMScheduler.from_config(sd15_config("scheduler")).save_pretrained(model / "scheduler")
    save_zero_prompt(zero_prompt(), model)
    write_files(
        {
            model / "model_index.json": json.dumps(_INDEX, indent=2).encode(),
            model / RECOMMENDED: json.dumps(_SAMPLING).encode(),
        }
    )
    return model


def save_adapter(trained: Path, folder: Path) -> Path:
    """Copy a finished training's adapter files in float16 to ``FOLDER/model/adapter``, without kohya's."""
    path = folder / "model" / "adapter"
    path.mkdir(parents=True, exist_ok=True)
    for file in sorted(trained.glob("*.safetensors")):
        if file.name == KOHYA:
            continue
        tensors, metadata = read_tensors(file)
        write_tensors(path / file.name, {name: value.half() for name, value in tensors.items()}, metadata)
    return path


def save_controlnet(trained: Path, folder: Path) -> Path:
    """Copy a finished training's ControlNet in float16 to ``FOLDER/model/controlnet``."""
    path = folder / "model" / "controlnet"
    save_half(ControlNetModel.from_pretrained(trained / "controlnet", local_files_only=True), path)
    return path
