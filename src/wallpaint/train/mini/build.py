"""The recipes in order: each leaves its part in the model's folder, and is not cooked again once it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler

from wallpaint.diffusion.checkpoints.configs import sd15_config
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.diffusion.encoders.empty_prompt import save_zero_prompt
from wallpaint.diffusion.load import SAMPLING
from wallpaint.photo import write_files
from wallpaint.train.mini.base import HOW as BASE
from wallpaint.train.mini.base import train_base
from wallpaint.train.mini.fitting import FitSettings, StepCallback
from wallpaint.train.mini.pool import encode_pool, paint_pool
from wallpaint.train.mini.models import SIDE, mini_image_encoder, save_half, zero_prompt
from wallpaint.train.mini.vae import HOW as VAE
from wallpaint.train.mini.vae import train_vae
from wallpaint.train.models.export import KOHYA

POOL = 4096  #: painted samples

_SAMPLING = {"strength": 0.5}  # of noise over the reference's colour: the best by all metrics, see docs/results.md
_INDEX = {
    "_class_name": "StableDiffusionInpaintPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
}


def build_vae(rooms: Sequence[Path], folder: Path, how: FitSettings = VAE, count: int = POOL, callback: StepCallback | None = None) -> Path:
    """``FOLDER/model/vae``, from pictures of rooms; work in progress lies in ``FOLDER/work``. Raises as `fit` does."""
    goal = folder / "model" / "vae"
    if not (goal / "config.json").exists():
        pool = paint_pool(rooms, count, SIDE, folder / "work" / "pool")
        vae = train_vae(pool, folder / "work" / "vae", how, callback)
        _, scale = encode_pool(vae, pool)
        vae.register_to_config(scaling_factor=scale)
        save_half(vae, goal)
    return goal


def build_base(
    rooms: Sequence[Path], folder: Path, how: FitSettings = BASE, count: int = POOL, callback: StepCallback | None = None
) -> Path:
    """``FOLDER/model``, a base without reference, on the VAE that is there; and all that goes with it."""
    model = folder / "model"
    vae = AutoencoderKL.from_pretrained(build_vae(rooms, folder, count=count), local_files_only=True).eval()
    if not (model / "unet" / "config.json").exists():
        latents, _ = encode_pool(vae, paint_pool(rooms, count, SIDE, folder / "work" / "pool"))
        save_half(train_base(latents, folder / "work" / "base", how, callback=callback), model / "unet")
    save_half(mini_image_encoder(), model / "image_encoder")
    DDIMScheduler.from_config(sd15_config("scheduler")).save_pretrained(model / "scheduler")
    save_zero_prompt(zero_prompt(), model)
    write_files(
        {
            model / "model_index.json": json.dumps(_INDEX, indent=2).encode(),
            model / SAMPLING: json.dumps(_SAMPLING).encode(),
        }
    )
    return model


def save_adapter(trained: Path, folder: Path) -> Path:
    """``FOLDER/model/adapter``, the files of a finished training in float16, as they are shipped."""
    goal = folder / "model" / "adapter"
    goal.mkdir(parents=True, exist_ok=True)
    for file in sorted(trained.glob("*.safetensors")):
        if file.name == KOHYA:
            continue
        tensors, metadata = read_tensors(file)
        write_tensors(goal / file.name, {name: value.half() for name, value in tensors.items()}, metadata)
    return goal


def save_controlnet(trained: Path, folder: Path) -> Path:
    """``FOLDER/model/controlnet``, of a finished training, in float16: the model's own from then on."""
    goal = folder / "model" / "controlnet"
    save_half(ControlNetModel.from_pretrained(trained / "controlnet", local_files_only=True), goal)
    return goal
