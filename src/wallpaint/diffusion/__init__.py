"""Zero-prompt inpainting: Stable Diffusion 1.5's inpainting UNet, told by pictures alone.

Read `known_models` and `hub` (where weights come from), `base`, `zero_prompt`, `ip_adapter`, `image_encoder`,
`color_tokens`, `lora`, `depth_controlnet` (the parts), `sources` and `model` (the parts together), `frame` and
`latent_cells` (what a model is shown of a photo), `pipeline` and `sampling` (drawing), `detail` and `wall` (back to
the photo), and `engine`.
`load_engine` does it all. `depth_estimator` and `wall_segmenter` look at photos (`vision_model` loads them).

Needs the extra ``wallpaint[diffusion]``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from wallpaint.diffusion.known_models import KNOWN_MODELS
from wallpaint.diffusion.sd15_config import sd15_config
from wallpaint.errors import MissingExtraError

if TYPE_CHECKING:
    from wallpaint.diffusion.base import Base, load_base
    from wallpaint.diffusion.depth_controlnet import load_depth_controlnet
    from wallpaint.diffusion.depth_estimator import DepthEstimator
    from wallpaint.diffusion.engine import DiffusionEngine, DiffusionRoom
    from wallpaint.diffusion.hub import find_model, pull_model
    from wallpaint.diffusion.ip_adapter import load_ip_adapters, read_ip_adapter, save_ip_adapter
    from wallpaint.diffusion.kohya import export_kohya
    from wallpaint.diffusion.latent_cells import cover_latent_cells
    from wallpaint.diffusion.load import load_engine
    from wallpaint.diffusion.lora import LoraSettings, attach_lora, detach_lora, merge_lora, set_lora_scale
    from wallpaint.diffusion.lora_file import load_lora, save_lora
    from wallpaint.diffusion.model import DiffusionModel, load_model
    from wallpaint.diffusion.precision import Precision, choose_precision
    from wallpaint.diffusion.sampling import Sampling
    from wallpaint.diffusion.schedulers import make_scheduler
    from wallpaint.diffusion.sources import ModelSources
    from wallpaint.diffusion.wall_segmenter import WallSegmenter
    from wallpaint.diffusion.zero_prompt import zero_prompt_embeds

_HOMES = {
    "Base": "base",
    "DepthEstimator": "depth_estimator",
    "DiffusionEngine": "engine",
    "DiffusionModel": "model",
    "DiffusionRoom": "engine",
    "LoraSettings": "lora",
    "ModelSources": "sources",
    "Precision": "precision",
    "Sampling": "sampling",
    "WallSegmenter": "wall_segmenter",
    "attach_lora": "lora",
    "choose_precision": "precision",
    "cover_latent_cells": "latent_cells",
    "detach_lora": "lora",
    "export_kohya": "kohya",
    "find_model": "hub",
    "load_base": "base",
    "load_depth_controlnet": "depth_controlnet",
    "load_engine": "load",
    "load_ip_adapters": "ip_adapter",
    "load_lora": "lora_file",
    "load_model": "model",
    "make_scheduler": "schedulers",
    "merge_lora": "lora",
    "pull_model": "hub",
    "read_ip_adapter": "ip_adapter",
    "save_ip_adapter": "ip_adapter",
    "save_lora": "lora_file",
    "set_lora_scale": "lora",
    "zero_prompt_embeds": "zero_prompt",
}
__all__ = [
    "KNOWN_MODELS",
    "Base",
    "DepthEstimator",
    "DiffusionEngine",
    "DiffusionModel",
    "DiffusionRoom",
    "LoraSettings",
    "ModelSources",
    "Precision",
    "Sampling",
    "WallSegmenter",
    "attach_lora",
    "choose_precision",
    "cover_latent_cells",
    "detach_lora",
    "export_kohya",
    "find_model",
    "load_base",
    "load_depth_controlnet",
    "load_engine",
    "load_ip_adapters",
    "load_lora",
    "load_model",
    "make_scheduler",
    "merge_lora",
    "pull_model",
    "read_ip_adapter",
    "save_ip_adapter",
    "save_lora",
    "sd15_config",
    "set_lora_scale",
    "zero_prompt_embeds",
]
_LIBRARIES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "huggingface_hub")


def __getattr__(name: str) -> Any:
    """Names are fetched when they are first asked for: importing torch and diffusers takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name in _LIBRARIES:
            raise MissingExtraError("Painting with diffusion", "diffusion") from error
        raise


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def _is_wanted(record: logging.LogRecord) -> bool:
    return "requires torchvision (not installed)" not in record.getMessage()


# transformers works as well on Pillow, and warns at each import that it does
logging.getLogger("transformers.utils.import_utils").addFilter(_is_wanted)
