"""`load_engine`: from the name of a model to an engine that paints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wallpaint.diffusion.engine import DiffusionEngine
from wallpaint.diffusion.fullsize.detail import Detail
from wallpaint.diffusion.lora_sources import LoraSource
from wallpaint.diffusion.model import load_model
from wallpaint.diffusion.model_files import ModelSources
from wallpaint.diffusion.sampling.settings import SamplingSettings
from wallpaint.diffusion.vision.depth_estimation import DEPTH_ANYTHING, DepthEstimator
from wallpaint.errors import MissingWeightsError, WeightsError

RECOMMENDED = "sampling.json"  #: in a base's folder, such as {"strength": 0.5}: what its pictures are best with


def load_engine(
    base: str | Path = "sd15",
    *,
    adapter: str | Path | None = None,
    ip_adapter: str | Path | None = None,
    image_encoder: str | Path | None = None,
    lora: LoraSource | Sequence[LoraSource] | None = None,
    controlnet: str | Path | None = None,
    vae: str | Path | None = None,
    depth_model: str | Path | None = None,
    depth: bool = True,
    prompt: str = "",
    lora_scale: float = 1.0,
    ip_adapter_scale: float = 1.0,
    color_tokens_scale: float = 1.0,
    sampling: SamplingSettings | None = None,
    detail: Detail = "auto",
    precision: str = "auto",
    device: str = "auto",
    compile_unet: bool = False,
    vae_tiling: bool = False,
    offload: bool = False,
    **sampling_changes: Any,
) -> DiffusionEngine:
    """Load a model for painting; nothing is downloaded.

    Parameters
    ----------
    base, adapter, ip_adapter, image_encoder, lora, controlnet, vae
        See `ModelSources`.
    depth_model : str or Path, optional
        Model that estimates depth for photos without a depth map: "depth-anything", a hub id or a folder. If not
        given: Depth Anything, if it is on this machine.
    depth : bool
        False paints without depth, even if the model has a ControlNet.
    prompt, lora_scale, ip_adapter_scale, color_tokens_scale, precision, device, compile_unet, vae_tiling
        See `load_model`.
    sampling : SamplingSettings, optional
        If its `strength` is None, that of the base's ``sampling.json`` is used, if there is one; the mini has one.
    detail, offload
        See `DiffusionEngine`.
    **sampling_changes
        Single fields of `SamplingSettings`, such as ``steps=4, seed=1``.

    Raises
    ------
    MissingWeightsError, WeightsError, SettingError
    """
    chosen = (sampling or SamplingSettings()).changed(**sampling_changes)
    model = load_model(
        ModelSources(base, adapter, ip_adapter, image_encoder, lora, controlnet, vae),
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
    if chosen.strength is None and chosen.init == "reference":
        chosen = chosen.changed(strength=_recommended_strength(model.base.path))
    estimator = None if model.controlnet is None else _estimator(depth_model, str(model.device))
    return DiffusionEngine(model, chosen, detail=detail, depth_estimator=estimator, offload=offload)


def _recommended_strength(base: Path) -> float | None:
    path = base / RECOMMENDED
    if not path.is_file():
        return None
    try:
        return float(json.loads(path.read_bytes())["strength"])
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(path, f'it is not of the form {{"strength": 0.5}} ({error}). Fix or delete it.') from None


def _estimator(source: str | Path | None, device: str) -> DepthEstimator | None:
    if source is not None:
        return DepthEstimator(source, device)
    try:
        return DepthEstimator(DEPTH_ANYTHING, device)
    except MissingWeightsError:
        return None  # `DiffusionEngine.look` warns if the photo has no depth map either
