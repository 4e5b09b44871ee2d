"""From a LoRA file of any common tool to the changes of a UNet's layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from pathlib import Path

from wallpaint.diffusion.adapters.lora_files.config import PEFT_WEIGHTS, AdapterConfig, adapter_config
from wallpaint.diffusion.adapters.lora_files.keys import (
    DORA_SCALE,
    MID,
    find_layer,
    is_embedding,
    is_of_text_encoder,
    parse_key,
    spellings_of,
)
from wallpaint.diffusion.adapters.lora_weights import ALPHA, MAGNITUDE, LoraWeights, LowRankUpdate
from wallpaint.diffusion.adapters.weight_deltas import DOWN, UP, WeightDelta, rank_of
from wallpaint.diffusion.checkpoints.family import family_of, is_foreign, token_width
from wallpaint.diffusion.checkpoints.kinds import LORA_KINDS, fault_for_paint, kind_of, with_article
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.errors import Source, WeightsError, warn_of
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.lora_base import LORA_WEIGHT_NAME, LORA_WEIGHT_NAME_SAFE
    from torch import nn

Parts = dict[str, torch.Tensor]

_WEIGHTS = (LORA_WEIGHT_NAME_SAFE, PEFT_WEIGHTS, LORA_WEIGHT_NAME, "adapter_model.bin")  # in a folder, preferred first
_DENSE = ("hada_w1_a", "lokr_w1", "lokr_w1_a", "diff")


def lora_file(path: Source) -> Path:
    """The LoRA file at a path: the path itself, or the file in this folder: that of diffusers or peft, or the only one.

    A path that does not exist is returned with the name of diffusers' file.
    """
    path = Path(path)
    if path.suffix == ".safetensors" or path.is_file():
        return path
    named = next((path / name for name in _WEIGHTS if (path / name).is_file()), None)
    if named is not None or not path.is_dir():
        return named or path / LORA_WEIGHT_NAME_SAFE
    found = sorted(path.glob("*.safetensors"))
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:3])
        raise WeightsError(path, f"there are {len(found)} files in this folder: {names} … Name one of them.")
    return found[0] if found else path / LORA_WEIGHT_NAME_SAFE


def read_lora(path: Source, unet: UNet2DConditionModel) -> LoraWeights:
    """Read a file's changes of the layers of a UNet.

    Parameters
    ----------
    path : path
        A file, or a folder (`lora_file`).
    unet : UNet2DConditionModel

    Returns
    -------
    LoraWeights
        With the shapes of the UNet's layers.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, is not a LoRA, is of a method that is not supported, or fewer than half of its layers fit this
        UNet; the message names the family that it was trained for, if its tensors tell.

    Warns
    -----
    WallpaintWarning
        Parts are ignored: those of a text encoder, embeddings, single layers that do not fit; or it has no alpha.
    """
    file = lora_file(path)
    tensors, metadata = read_tensors(file)
    _check_kind(tensors, file)
    contents = _sorted_out(tensors, spellings_of(unet), file)
    _check_family(contents, unet, file)
    config = adapter_config(metadata, file)
    weights, known = LoraWeights({}), dict(unet.named_modules())
    if config is not None:
        weights = replace(weights, rslora=config.rslora, dropout=config.dropout)
    if config is None and any(ALPHA not in parts and rank_of(parts) for parts in contents.layers.values()):
        warn_of(file, "it has no alpha, so its rank is used. If the effect is too strong or too weak, set the scale.")
    found = {
        name: _fault(weights, name, known.get(name), parts, config, file) for name, parts in contents.layers.items()
    }
    faults = {name: fault for name, fault in found.items() if fault}
    _report(faults, len(contents.layers), file)
    return _unmixed(weights)


@dataclass(frozen=True)
class _Contents:
    layers: dict[str, Parts] = field(default_factory=dict)  # by the UNet's name, or by the file's if it has none
    prompted: frozenset[str] = frozenset()  # layers of a text encoder
    embeddings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class _UnfitError(Exception):
    """A layer that cannot be used, with the reason: the end of a sentence."""


def _sorted_out(tensors: Mapping[str, torch.Tensor], spellings: Mapping[str, str], path: Path) -> _Contents:
    layers: dict[str, Parts] = defaultdict(dict)
    prompted, embeddings, unknown = set(), [], []
    for name, tensor in tensors.items():
        key = parse_key(name)
        if is_embedding(name):
            embeddings.append(name)
        elif is_of_text_encoder(name):
            prompted.add(key.layer)
        elif key.role:
            layers[find_layer(key.layer, spellings) or key.layer][key.role] = tensor
        else:
            unknown.append(name)
    for name in [name for name, parts in layers.items() if not parts.keys() - {ALPHA, DORA_SCALE}]:
        unknown += [f"{name}.{role}" for role in layers.pop(name)]
    contents = _Contents(dict(layers), frozenset(prompted), tuple(embeddings), tuple(unknown))
    if unknown and not layers:
        raise WeightsError(path, f"this is not a LoRA: its first tensor is {unknown[0]}. Use a LoRA, LoHa or LoKr.")
    if prompted:
        warn_of(path, f"its {len(prompted)} layers of a text encoder are ignored: only the UNet is changed.")
    if embeddings:
        warn_of(path, f"its {len(embeddings)} embeddings of words are ignored: only the UNet is changed.")
    if not layers:
        raise WeightsError(path, "it changes no layer of the UNet. Use a LoRA that was trained on the UNet.")
    if unknown:
        warn_of(
            path,
            f"{len(unknown)} of its {len(tensors)} tensors are not part of a LoRA and are ignored, the first is "
            f"{unknown[0]}.",
        )
    return contents


def _check_kind(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    kind = kind_of(tensors)
    if kind not in (*LORA_KINDS, "unknown"):
        fault = fault_for_paint(kind, {}) or f"this is {with_article(kind)}, not a LoRA."
        raise WeightsError(path, f"{fault} Use a LoRA, LoHa or LoKr.")


def _check_family(contents: _Contents, unet: UNet2DConditionModel, path: Path) -> None:
    shapes = {
        f"{layer}.{role}": tuple(tensor.shape)
        for layer, parts in contents.layers.items()
        for role, tensor in parts.items()
    }
    shapes |= dict.fromkeys(contents.prompted, ())
    width, here = token_width(shapes), int(unet.config.cross_attention_dim)
    family = family_of(shapes)
    if width == here or (width is None and not family):
        return
    widths = f" (tokens of width {width:,}, this UNet's {here:,})" if width and is_foreign(family) else ""
    raise WeightsError(path, f"it was trained for {family}{widths}. Use one that was trained for this base.")


def _fault(
    weights: LoraWeights, name: str, layer: nn.Module | None, parts: Parts, config: AdapterConfig | None, path: Path
) -> str:
    """Add a layer's change; the reason if it cannot be used, else an empty string."""
    if layer is None:
        return "it is not in this UNet"
    try:
        _add(weights, name, layer, _with_alpha(parts, config, name), path)
    except _UnfitError as fault:
        return str(fault)
    return ""


def _with_alpha(parts: Parts, config: AdapterConfig | None, layer: str) -> Parts:
    if config is None:
        return parts
    return {**parts, ALPHA: torch.tensor(config.alpha_of(layer), dtype=torch.float64)}


def _add(weights: LoraWeights, name: str, layer: nn.Module, parts: Parts, path: Path) -> None:
    """Add a layer's change, in the shape of the layer. Raises `_UnfitError`, or `WeightsError` if it is damaged."""
    _check_finite(name, parts, path)
    bias = _bias(name, layer, parts)
    if "w_norm" in parts:
        parts = {**parts, "diff": parts["w_norm"]}
    is_dense = any(role in parts for role in _DENSE)
    if is_dense or _is_by_input(parts):
        magnitude = parts.get(DORA_SCALE, parts.get(MAGNITUDE))
        tensors = {role: tensor for role, tensor in parts.items() if role.startswith(("hada", "lokr", "diff"))}
        if not is_dense:
            update = _low_rank(name, layer, parts, path)
            tensors = {DOWN: update.down, UP: update.up}
        factor = _factor(name, tensors, parts, weights.rslora, path)
        delta = WeightDelta({role: tensors[role] for role in tensors if role != "diff_b"}, factor, magnitude, bias)
        _check_shape(name, layer, delta, path)
        weights.deltas[name] = delta
    elif DOWN in parts or UP in parts or bias is None:
        weights.updates[name] = _low_rank(name, layer, parts, path)
    if bias is not None and name not in weights.deltas:
        weights.deltas[name] = WeightDelta({}, bias=bias)


def _bias(name: str, layer: nn.Module, parts: Parts) -> torch.Tensor | None:
    bias, own = parts.get("diff_b", parts.get("b_norm")), getattr(layer, "bias", None)
    if bias is None:
        return None
    if own is None or own.numel() != bias.numel():
        raise _UnfitError(f"its bias has {bias.numel():,} values, that of {name} {0 if own is None else own.numel():,}")
    return bias.flatten()


def _is_by_input(parts: Parts) -> bool:
    """Whether a DoRA has a magnitude for each input, as LyCORIS writes with wd_on_output=False."""
    scale = parts.get(DORA_SCALE)
    return scale is not None and scale.ndim > 1 and scale.shape[0] == 1 and scale.shape[1] > 1


def _low_rank(name: str, layer: nn.Module, parts: Parts, path: Path) -> LowRankUpdate:
    if not {DOWN, UP} <= parts.keys():
        raise _damaged(path, f"one of the factors of {name} is missing")
    down, up = parts[DOWN], parts[UP]
    if down.ndim < 2 or up.ndim < 2 or not down.numel() or not up.numel():
        raise _damaged(path, f"the factors of {name} do not match: {_size(down.shape)} and {_size(up.shape)}")
    if MID in parts:
        down = _through(parts[MID], down, name, path)
    if down.shape[0] != up.shape[1]:
        raise _damaged(path, f"the factors of {name} do not match: {_size(down.shape)} and {_size(up.shape)}")
    magnitude = None if _is_by_input(parts) else parts.get(MAGNITUDE, parts.get(DORA_SCALE))
    if magnitude is not None and magnitude.numel() != up.shape[0]:
        raise _damaged(path, f"{name} has {magnitude.numel():,} magnitudes for {up.shape[0]:,} outputs")
    alpha = _alpha(name, parts, down.shape[0], path)
    update = LowRankUpdate(down, up, alpha, None if magnitude is None else magnitude.flatten())
    return fit_layer(name, update, layer)


def _through(middle: torch.Tensor, down: torch.Tensor, name: str, path: Path) -> torch.Tensor:
    """The down factor of a LoCon with a middle factor: (r, r, h, w) after (r, in, 1, 1) → (r, in, h, w)."""
    try:
        return torch.einsum("ijhw,jp->iphw", middle.float(), down.float().flatten(1))
    except RuntimeError:
        raise _damaged(
            path, f"the factors of {name} do not match: {_size(middle.shape)} and {_size(down.shape)}"
        ) from None


def fit_layer(name: str, update: LowRankUpdate, layer: nn.Module) -> LowRankUpdate:
    """Reshape an update to a layer; a matrix fits a 1 × 1 convolution and the reverse. Raises `_UnfitError`."""
    if not isinstance(layer, nn.Linear | nn.Conv2d):
        raise _UnfitError(f"{name} is a {type(layer).__name__}, which takes no low-rank factors")
    trained, here = (update.up.shape[0], *update.down.shape[1:]), tuple(layer.weight.shape)
    if _as_matrix(trained) != _as_matrix(here) or update.up[0, 0].numel() != 1:
        raise _UnfitError(f"{name} is {_size(trained)} in the file and {_size(here)} in this UNet")
    down = update.down.reshape(update.rank, *here[1:])
    up = update.up.reshape(here[0], update.rank, *(1 for _ in here[2:]))
    return replace(update, down=down, up=up)


def _alpha(name: str, parts: Parts, rank: int, path: Path) -> float:
    alpha = parts.get(ALPHA)
    if alpha is not None and alpha.numel() != 1:
        raise _damaged(path, f"the alpha of {name} is not a number")
    return float(rank if alpha is None else alpha)


def _factor(name: str, tensors: Parts, parts: Parts, rslora: bool, path: Path) -> float:
    rank = rank_of(tensors)
    return 1.0 if rank is None else _alpha(name, parts, rank, path) / (sqrt(rank) if rslora else rank)


def _check_shape(name: str, layer: nn.Module, delta: WeightDelta, path: Path) -> None:
    try:
        shape = delta.shape()
    except (RuntimeError, KeyError, IndexError) as error:
        raise _damaged(path, f"the factors of {name} do not match") from error
    here: tuple[int, ...] = tuple(layer.state_dict()["weight"].shape)
    if shape[0] != here[0] or torch.Size(shape).numel() != torch.Size(here).numel():
        raise _UnfitError(f"{name} is {_size(shape)} in the file and {_size(here)} in this UNet")
    magnitudes = 0 if delta.magnitude is None else delta.magnitude.numel()
    if magnitudes not in (0, here[0], *here[1:2]):
        raise _damaged(path, f"{name} has {magnitudes:,} magnitudes for {here[0]:,} outputs")


def _check_finite(name: str, parts: Parts, path: Path) -> None:
    if not all(torch.isfinite(tensor.float()).all() for tensor in parts.values()):
        raise _damaged(path, f"the weights of {name} contain NaN or infinity")


def _report(faults: Mapping[str, str], layers: int, path: Path) -> None:
    """Refuse the file if fewer than half of its layers can be used, else warn of the others."""
    if not faults:
        return
    first, reason = next(iter(faults.items()))
    of_them = f"{len(faults)} of its {layers} layers"
    if 2 * len(faults) > layers:
        raise WeightsError(path, f"{of_them} do not fit this UNet, the first is {first}: {reason}. Use another file.")
    warn_of(path, f"{of_them} are skipped, the first is {first}: {reason}.")


def _unmixed(weights: LoraWeights) -> LoraWeights:
    """If only some layers have the magnitude of a DoRA, those are changes of the weight: peft has one kind for all."""
    dora = {name: update for name, update in weights.updates.items() if update.magnitude is not None}
    if not dora or (len(dora) == len(weights.updates) and not weights.deltas):
        return weights
    deltas = {name: update.as_delta(weights.factor(name)) for name, update in dora.items()}
    for name in weights.deltas.keys() & deltas.keys():
        deltas[name] = replace(deltas[name], bias=weights.deltas[name].bias)
    plain = {name: update for name, update in weights.updates.items() if name not in dora}
    return replace(weights, updates=plain, deltas={**weights.deltas, **deltas})


def _damaged(path: Source, fault: str) -> WeightsError:
    return WeightsError(path, f"{fault}, so the file is damaged. Get it again.")


def _as_matrix(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:2] if all(side == 1 for side in shape[2:]) else shape


def _size(shape: Iterable[int]) -> str:
    return " × ".join(f"{side:,}" for side in shape) or "1"
