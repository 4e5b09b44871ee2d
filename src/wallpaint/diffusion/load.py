"""From a name to an engine that paints: every setting in one place, for people and for the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from wallpaint.diffusion.engine import DiffusionEngine
from wallpaint.diffusion.fullsize.detail import Detail
from wallpaint.diffusion.model import load_model
from wallpaint.diffusion.model_files import ModelSources
from wallpaint.diffusion.sampling.sampler import Init, Sampling
from wallpaint.diffusion.vision.depth_estimation import DEPTH_ANYTHING, DepthEstimator
from wallpaint.errors import MissingWeightsError, WeightsError

SAMPLING = "sampling.json"  #: in a base's folder: {"strength": 0.5}, what suits it better than full strength


def load_engine(
    base: str | Path = "sd15",
    *,
    adapter: str | Path | None = None,
    ip_adapter: str | Path | None = None,
    image_encoder: str | Path | None = None,
    lora: str | Path | None = None,
    controlnet: str | Path | None = None,
    depth_model: str | Path | None = None,
    depth: bool = True,
    prompt: str = "",
    lora_scale: float = 1.0,
    ip_adapter_scale: float = 1.0,
    color_tokens_scale: float = 1.0,
    steps: int = 20,
    scheduler: str = "dpm++",
    seed: int = 0,
    init: Init = "reference",
    strength: float | None = None,
    batch_size: int = 8,
    emphasis: float = 1.0,
    detail: Detail = "auto",
    precision: str = "auto",
    device: str = "auto",
    compile_unet: bool = False,
    vae_tiling: bool = False,
    offload: bool = False,
) -> DiffusionEngine:
    """Load a model for painting; nothing is downloaded.

    Parameters
    ----------
    base, adapter, ip_adapter, image_encoder, lora, controlnet
        See `ModelSources`.
    depth_model : str or Path, optional
        What estimates depth for photos that bring none: "depth-anything", a hub id or a folder. If not given: Depth
        Anything, if it is on this machine.
    depth : bool
        False leaves depth out altogether.
    prompt, lora_scale, ip_adapter_scale, color_tokens_scale, precision, device, compile_unet, vae_tiling
        See `load_model`.
    steps, scheduler, seed, init, strength, batch_size, emphasis
        See `Sampling`. Without `strength`, what the base's ``sampling.json`` says, if it has one; the mini's does.
    detail, offload
        See `DiffusionEngine`.

    Raises
    ------
    MissingWeightsError, WeightsError, SettingError
    """
    sampling = Sampling(steps, scheduler, seed, init, strength, batch_size, emphasis)
    model = load_model(
        ModelSources(base, adapter, ip_adapter, image_encoder, lora, controlnet),
        prompt=prompt,
        depth=depth,
        lora_scale=lora_scale,
        ip_adapter_scale=ip_adapter_scale,
        color_tokens_scale=color_tokens_scale,
        precision=precision,
        device=device,
        compile_unet=compile_unet,
        vae_tiling=vae_tiling,
    )
    if strength is None and init == "reference":
        sampling = replace(sampling, strength=_usual_strength(model.base.path))
    estimator = None if model.controlnet is None else _estimator(depth_model, str(model.device))
    return DiffusionEngine(model, sampling, detail=detail, depth_estimator=estimator, offload=offload)


def _usual_strength(base: Path) -> float | None:
    path = base / SAMPLING
    if not path.is_file():
        return None
    try:
        return float(json.loads(path.read_bytes())["strength"])
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(path, f'it is not of the form {{"strength": 0.5}} ({error}). Mend or remove it.') from None


def _estimator(source: str | Path | None, device: str) -> DepthEstimator | None:
    if source is not None:
        return DepthEstimator(source, device)
    try:
        return DepthEstimator(DEPTH_ANYTHING, device)
    except MissingWeightsError:
        return None  # `DiffusionEngine.prepare` says so, if the photo brings no depth either
