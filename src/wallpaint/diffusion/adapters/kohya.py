"""Writing LoRA files in the layout of kohya-ss, AUTOMATIC1111 and ComfyUI.

A layer's name is that in the UNet with underscores for dots: ``lora_unet_…_attn1_to_q.lora_down.weight``,
``….lora_up.weight``, ``….alpha``, and ``….dora_scale`` for a DoRA. The update is scaled by alpha / rank.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from wallpaint.diffusion.adapters.lora import lora_weights
from wallpaint.diffusion.adapters.lora_weights import LoraWeights, LowRankUpdate
from wallpaint.diffusion.checkpoints.tensor_file import write_tensors
from wallpaint.errors import Source, warn_of
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel

_UNET = "lora_unet_"
_DORA = "dora_scale"


def export_kohya(
    unet: UNet2DConditionModel,
    path: Source,
    *,
    base_model_version: str = "sd_v1",
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a UNet's LoRA in this layout, at the scale it was trained at.

    Parameters
    ----------
    unet : UNet2DConditionModel
    path : path
        Ending in ``.safetensors``; missing folders are made.
    base_model_version : str
        kohya-ss' name of the base, by which these tools group LoRAs.
    metadata : mapping of str to str, optional
        Further metadata of the file, such as ``ss_training_comment``.

    Raises
    ------
    SettingError
        The UNet has no LoRA.
    OutputError
        The file cannot be written.

    Warns
    -----
    WallpaintWarning
        It is a DoRA. ``dora_scale`` is (out, 1), one magnitude for each output. Only LyCORIS divides by the norm of the
        updated weights, as DoRA is defined; ComfyUI divides by the norm of the base's weights, and AUTOMATIC1111 by
        the norm for each input.
    """
    weights = lora_weights(unet)
    tensors: dict[str, torch.Tensor] = {}
    for layer, update in weights.updates.items():
        encoded = _encode(update, weights.factor(layer))
        tensors.update({f"{_kohya_name(layer)}.{part}": tensor for part, tensor in encoded.items()})
    if weights.dora:
        warn_of(
            path,
            "tools read a DoRA differently, AUTOMATIC1111 wrongly. Train a plain LoRA to use it in all.",
        )
    write_tensors(path, tensors, {**_metadata(weights, base_model_version), **(metadata or {})})


def _kohya_name(layer: str) -> str:
    return _UNET + layer.replace(".", "_")


def _encode(update: LowRankUpdate, factor: float) -> dict[str, torch.Tensor]:
    encoded = {
        "lora_down.weight": update.down,
        "lora_up.weight": update.up,
        "alpha": torch.tensor(factor * update.rank),
    }
    if update.magnitude is not None:
        encoded[_DORA] = update.magnitude.reshape(-1, *(1 for _ in update.down.shape[1:]))
    return encoded


def _metadata(weights: LoraWeights, base_model_version: str) -> dict[str, str]:
    ranks = {update.rank for update in weights.updates.values()}
    alphas = {weights.factor(layer) * update.rank for layer, update in weights.updates.items()}
    metadata = {
        "ss_network_module": "networks.lora",
        "ss_network_dim": _only(ranks),
        "ss_network_alpha": _only(alphas),
        "ss_base_model_version": base_model_version,
    }
    if weights.dora:
        metadata["ss_network_module"] = "lycoris.kohya"
        metadata["ss_network_args"] = json.dumps({"algo": "lora", "dora_wd": True, "wd_on_output": True})
    return metadata


def _only(values: set[int] | set[float]) -> str:
    return f"{values.pop():g}" if len(values) == 1 else "Dynamic"
