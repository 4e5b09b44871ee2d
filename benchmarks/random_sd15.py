"""Stable Diffusion 1.5 inpainting with random weights at its exact size, to measure speed and memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.configs import PARTS, sd15_config, sd15_folder

_DIFFUSERS = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "controlnet": ControlNetModel}
# Repeated in each tensor, because 10⁹ random numbers take minutes.
_DRAWN = torch.randn(1 << 20, generator=torch.Generator().manual_seed(0))


def write_random_sd15(folder: Path, dtype: torch.dtype = torch.float16, controlnet: bool = False) -> Path:
    """A diffusers folder with an IP-Adapter Plus; 3.5 GB, 4.2 GB with ControlNet. A complete folder is reused."""
    parts = [part for part in PARTS if controlnet or part != "controlnet"]
    if (folder / "complete").exists():
        return folder
    for part in parts:
        (folder / part).mkdir(parents=True, exist_ok=True)
        for file in sd15_folder(part).iterdir():
            (folder / part / file.name).write_text(file.read_text())
        if part != "scheduler":
            file = folder / part / f"{'diffusion_pytorch_model' if part in _DIFFUSERS else 'model'}.safetensors"
            save_file(random_weights(empty_model(part), dtype), file, {"format": "pt"})
    weights = {key: _random(key, shape, dtype) for key, shape in ip_adapter_plus_shapes().items()}
    save_file(weights, folder / "ip_adapter.safetensors")
    index = {"_class_name": "StableDiffusionInpaintPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "complete").touch()
    return folder


def empty_model(part: Any) -> torch.nn.Module:
    """A part on the meta device: shapes without storage."""
    with torch.device("meta"):
        if part in _DIFFUSERS:
            return _DIFFUSERS[part].from_config(sd15_config(part))
        if part == "text_encoder":
            return CLIPTextModel(CLIPTextConfig(**sd15_config(part)))
        return CLIPVisionModelWithProjection(CLIPVisionConfig(**sd15_config(part)))


def random_weights(model: torch.nn.Module, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Random weights that preserve variance from layer to layer, so that nothing overflows."""
    return {name: _random(name, tuple(value.shape), dtype) for name, value in model.named_parameters()}


def ip_adapter_plus_shapes() -> Mapping[str, tuple[int, ...]]:
    """Names and shapes of the released ``ip-adapter-plus_sd15``: 49,087,488 numbers."""
    hidden, inner, tokens, features, dim = 768, 768, 16, 1280, 768
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (1, tokens, hidden),
        "proj_in.weight": (hidden, features),
        "proj_in.bias": (hidden,),
        "proj_out.weight": (dim, hidden),
        "proj_out.bias": (dim,),
        "norm_out.weight": (dim,),
        "norm_out.bias": (dim,),
    }
    for layer in range(4):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            shapes |= {f"layers.{layer}.{norm}.weight": (hidden,), f"layers.{layer}.{norm}.bias": (hidden,)}
        shapes |= {
            f"layers.{layer}.0.to_q.weight": (inner, hidden),
            f"layers.{layer}.0.to_kv.weight": (2 * inner, hidden),
            f"layers.{layer}.0.to_out.weight": (hidden, inner),
            f"layers.{layer}.1.1.weight": (4 * hidden, hidden),
            f"layers.{layer}.1.3.weight": (hidden, 4 * hidden),
        }
    widths = [320] * 2 + [640] * 2 + [1280] * 2 + [1280] * 3 + [640] * 3 + [320] * 3 + [1280]  # down, up, middle
    attention = {
        f"ip_adapter.{2 * place + 1}.to_{key}_ip.weight": (width, dim)
        for place, width in enumerate(widths)
        for key in "kv"
    }
    return {f"image_proj.{name}": shape for name, shape in shapes.items()} | attention


def _random(name: str, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    if len(shape) < 2:
        is_scale = (name.endswith("weight") and "norm" in name) or name.endswith(".1.0.weight")
        return torch.full(shape, 1.0 if is_scale else 0.0, dtype=dtype)
    count = torch.Size(shape).numel()
    spread = (count / shape[0]) ** -0.5
    repeated = (_DRAWN * spread).to(dtype).repeat(-(-count // len(_DRAWN)))
    return repeated[:count].reshape(shape).contiguous()
