"""Zero-prompt inpainting: Stable Diffusion 1.5's inpainting UNet, told by pictures alone.

Read `known_models` and `hub` (where weights come from), `base`, `zero_prompt`, `ip_adapter`, `image_encoder`,
`color_tokens`, `lora`, `depth_controlnet` (the parts), `sources` and `model` (the parts together), `frame` (what a
model is shown of a photo), `pipeline` and `sampling` (drawing), `detail` and `wall` (back to the photo), and `engine`.
`load_engine` does it all.

Needs the extra ``wallpaint[diffusion]``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from wallpaint.diffusion.sd15_config import sd15_config
from wallpaint.errors import MissingExtraError

if TYPE_CHECKING:
    from wallpaint.diffusion.engine import DiffusionEngine, DiffusionRoom
    from wallpaint.diffusion.load import load_engine
    from wallpaint.diffusion.model import DiffusionModel, load_model
    from wallpaint.diffusion.sampling import Sampling
    from wallpaint.diffusion.sources import ModelSources

_HOMES = {
    "DiffusionEngine": "wallpaint.diffusion.engine",
    "DiffusionModel": "wallpaint.diffusion.model",
    "DiffusionRoom": "wallpaint.diffusion.engine",
    "ModelSources": "wallpaint.diffusion.sources",
    "Sampling": "wallpaint.diffusion.sampling",
    "load_engine": "wallpaint.diffusion.load",
    "load_model": "wallpaint.diffusion.model",
}
__all__ = [
    "DiffusionEngine",
    "DiffusionModel",
    "DiffusionRoom",
    "ModelSources",
    "Sampling",
    "load_engine",
    "load_model",
    "sd15_config",
]
_LIBRARIES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "huggingface_hub")


def __getattr__(name: str) -> Any:
    """Names are fetched when they are first asked for: importing torch and diffusers takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if error.name in _LIBRARIES:
            raise MissingExtraError("Painting with diffusion", "diffusion") from error
        raise


def _is_wanted(record: logging.LogRecord) -> bool:
    return "requires torchvision (not installed)" not in record.getMessage()


# transformers works as well on Pillow, and warns at each import that it does
logging.getLogger("transformers.utils.import_utils").addFilter(_is_wanted)
