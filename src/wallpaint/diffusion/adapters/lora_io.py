"""LoRA in files: written as diffusers does, with all that is needed to use it right; read in any common layout."""

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
    """Write the LoRA in a UNet as ``load_lora_weights`` of diffusers reads it, alpha and its like in the metadata.

    Parameters
    ----------
    unet : UNet2DConditionModel
    path : path
        A ``.safetensors`` file, or a folder, where it is ``pytorch_lora_weights.safetensors``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SettingError
        There is no LoRA.
    OutputError
        The place cannot be written.
    """
    weights, file = lora_weights(unet), lora_file(path)
    tensors = {_UNET + name: tensor for name, tensor in weights.state_dict().items()}
    config = {_UNET + name: value for name, value in weights.config().items()}
    write_tensors(file, tensors, {LORA_ADAPTER_METADATA_KEY: json.dumps(config, sort_keys=True)})
    return file


def load_lora(unet: UNet2DConditionModel, path: Source, scale: float = 1.0) -> None:
    """Put a LoRA from a file into a UNet, frozen and in float32.

    Parameters
    ----------
    unet : UNet2DConditionModel
        In its final precision, without a LoRA.
    path : path
        A ``.safetensors`` file, or a folder with ``pytorch_lora_weights.safetensors``. Its tensors are
        named as diffusers does, now or before, or as kohya-ss, AUTOMATIC1111 and ComfyUI do; it may change any linear
        layer or convolution.
    scale : float
        How many times it acts (see `set_lora_scale`).

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, is no LoRA, or was trained on another base; the UNet is as it was.
    SettingError
        The UNet has a LoRA already, or the scale is no number.

    Warns
    -----
    WallpaintWarning
        The file does not say its alpha, which is then taken to be the rank; or parts of it are ignored.
    """
    refuse_second_lora(unet)
    file = lora_file(path)
    tensors, metadata = read_tensors(file)
    weights = read_kohya(tensors, unet, file) if is_kohya(tensors) else _read_diffusers(tensors, metadata, file)
    insert_lora(unet, fit(weights, unet, file), scale)


def lora_file(path: Source) -> Path:
    """The file a path stands for: itself, or the one in a folder of this name."""
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
        warn_of(path, f"its {len(tensors) - len(own)} tensors of a text encoder are ignored: there is no prompt here.")
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
            f"{len(foreign)} of its {len(tensors)} tensors belong to no LoRA, the first is {foreign[0]}. "
            "Use the file of a LoRA.",
        )
    return layers


@dataclass(frozen=True)
class _AdapterConfig:
    """What the metadata say that the tensors do not."""

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
    """None where they say nothing of alpha."""
    try:
        told = json.loads(metadata.get(LORA_ADAPTER_METADATA_KEY, "{}"))
        told = {name.removeprefix(_UNET): value for name, value in told.items()}
        if "lora_alpha" not in told:
            return None
        return _AdapterConfig(
            float(told["lora_alpha"]),
            {_pattern(layer): float(alpha) for layer, alpha in (told.get("alpha_pattern") or {}).items()},
            bool(told.get("use_rslora")),
            float(told.get("lora_dropout") or 0),
        )
    except (ValueError, TypeError, AttributeError, re.error):
        raise WeightsError(path, "its metadata make no sense, so the file is damaged. Get it again.") from None
