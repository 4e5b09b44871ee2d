"""LoRA files: written in diffusers' layout with complete metadata, read in any common layout."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wallpaint.diffusion.adapters.kohya import is_kohya, read_kohya
from wallpaint.diffusion.adapters.lora import insert_lora, lora_weights, refuse_second_lora
from wallpaint.diffusion.adapters.lora_weights import ALPHA, DOWN, MAGNITUDE, UP, LoraWeights, collect_updates, fit
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.errors import Source, WeightsError, warn_of
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY, LORA_WEIGHT_NAME_SAFE
    from diffusers.utils import convert_unet_state_dict_to_peft
    from peft.utils.other import get_pattern_key

_UNET = "unet."
_LONGEST_PATTERN, _REPEATS = 200, 2  # characters; quantifiers of a layer's pattern


def save_lora(unet: UNet2DConditionModel, path: Source) -> Path:
    """Write a UNet's LoRA for ``load_lora_weights`` of diffusers, with alpha and the other settings in the metadata.

    Parameters
    ----------
    unet : UNet2DConditionModel
    path : path
        A ``.safetensors`` file, or a folder, in which ``pytorch_lora_weights.safetensors`` is written.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SettingError
        The UNet has no LoRA.
    OutputError
        The file cannot be written.
    """
    weights, file = lora_weights(unet), lora_file(path)
    tensors = {_UNET + name: tensor for name, tensor in weights.state_dict().items()}
    config = {_UNET + name: value for name, value in weights.config().items()}
    write_tensors(file, tensors, {LORA_ADAPTER_METADATA_KEY: json.dumps(config, sort_keys=True)})
    return file


def load_lora(unet: UNet2DConditionModel, path: Source, scale: float = 1.0) -> None:
    """Add the LoRA in a file to a UNet, frozen and in float32.

    Parameters
    ----------
    unet : UNet2DConditionModel
        In its final dtype, without LoRA.
    path : path
        A ``.safetensors`` file, or a folder with ``pytorch_lora_weights.safetensors``. Tensors may have the names of
        diffusers (current or former), or those of kohya-ss, AUTOMATIC1111 and ComfyUI. Any linear layer or convolution
        may be changed.
    scale : float
        See `set_lora_scale`.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, is not a LoRA, or was trained on another base. The UNet is unchanged.
    SettingError
        The UNet has a LoRA already, or the scale is NaN or infinite.

    Warns
    -----
    WallpaintWarning
        The file has no alpha, so the rank is used; or parts of it are ignored.
    """
    refuse_second_lora(unet)
    file = lora_file(path)
    tensors, metadata = read_tensors(file)
    weights = read_kohya(tensors, unet, file) if is_kohya(tensors) else _read_diffusers(tensors, metadata, file)
    insert_lora(unet, fit(weights, unet, file), scale)


def lora_file(path: Source) -> Path:
    """The LoRA file at a path: the path itself, or the file in this folder."""
    path = Path(path)
    return path if path.suffix == ".safetensors" or path.is_file() else path / LORA_WEIGHT_NAME_SAFE


def _read_diffusers(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], path: Path) -> LoraWeights:
    layers = _by_layer(tensors, path)
    config = _adapter_config(metadata, path)
    if config is None:
        return LoraWeights(collect_updates(layers, path))
    for layer, parts in layers.items():
        parts[ALPHA] = torch.tensor(config.alpha_of(layer), dtype=torch.float64)
    return LoraWeights(collect_updates(layers, path), config.rslora, config.dropout)


def _by_layer(tensors: Mapping[str, torch.Tensor], path: Path) -> dict[str, dict[str, torch.Tensor]]:
    own = {name.removeprefix(_UNET): tensor for name, tensor in tensors.items() if not name.startswith("text_encoder")}
    if len(own) < len(tensors):
        warn_of(path, f"its {len(tensors) - len(own)} tensors of a text encoder are ignored: there is no prompt.")
    layers: dict[str, dict[str, torch.Tensor]] = defaultdict(dict)
    foreign = []
    for name, tensor in convert_unet_state_dict_to_peft(own).items():
        part = next((part for part in (DOWN, UP, MAGNITUDE, ALPHA) if name.endswith(f".{part}")), None)
        if part is None:
            foreign.append(name)
        else:
            layers[name.removesuffix(f".{part}")][part] = tensor
    if foreign:
        raise WeightsError(
            path,
            f"{len(foreign)} of its {len(tensors)} tensors are not part of a LoRA, the first is {foreign[0]}. "
            "Use a LoRA file.",
        )
    return layers


@dataclass(frozen=True)
class _AdapterConfig:
    """Settings in the metadata that the tensors do not contain."""

    alpha: float
    alpha_pattern: dict[str, float]
    rslora: bool
    dropout: float

    def alpha_of(self, layer: str) -> float:
        return self.alpha_pattern.get(get_pattern_key(self.alpha_pattern, layer), self.alpha)


def _pattern(layer: str) -> str:
    """A layer's pattern from a file, refused where matching it could take exponential time. Raises `ValueError`."""
    if len(layer) > _LONGEST_PATTERN or re.search(r"\)[*+{]", layer) or len(re.findall(r"[*+{]", layer)) > _REPEATS:
        raise ValueError
    return re.compile(layer).pattern


def _adapter_config(metadata: Mapping[str, str], path: Path) -> _AdapterConfig | None:
    """Read the settings; None if the metadata has no alpha."""
    try:
        content = json.loads(metadata.get(LORA_ADAPTER_METADATA_KEY, "{}"))
        config = {name.removeprefix(_UNET): value for name, value in content.items()}
        if "lora_alpha" not in config:
            return None
        return _AdapterConfig(
            float(config["lora_alpha"]),
            {_pattern(layer): float(alpha) for layer, alpha in (config.get("alpha_pattern") or {}).items()},
            bool(config.get("use_rslora")),
            float(config.get("lora_dropout") or 0),
        )
    except (ValueError, TypeError, AttributeError, re.error):
        raise WeightsError(path, "its metadata cannot be read, so the file is damaged. Get it again.") from None
