"""Configurations of Stable Diffusion 1.5 inpainting and its adapters, for loading single files offline."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

Part = Literal["unet", "vae", "text_encoder", "image_encoder", "controlnet", "scheduler"]
PARTS: tuple[Part, ...] = get_args(Part)


def sd15_folder(part: Part) -> Path:
    """The folder with a part's configuration, for ``from_pretrained`` of its class."""
    return Path(str(files("wallpaint.diffusion.checkpoints"))) / "sd15" / part


def sd15_config(part: Part) -> dict[str, Any]:
    """A part's configuration.

    The UNet has nine input channels: noisy latents, mask, latents of the masked photo. `image_encoder` is the ViT-H/14
    of IP-Adapter, `controlnet` the depth ControlNet.

    >>> sd15_config("unet")["in_channels"]
    9
    """
    name = "scheduler_config.json" if part == "scheduler" else "config.json"
    content: dict[str, Any] = json.loads((sd15_folder(part) / name).read_text(encoding="utf-8"))
    return content
