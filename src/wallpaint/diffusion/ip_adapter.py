"""IP-Adapter: a reference picture as extra tokens of the UNet's cross-attention.

Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models", 2023. The *Plus* form
resamples the image encoder's penultimate hidden states to 16 tokens; the plain form projects its embedding to four.
Files are those of the authors' release, read and written in their layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import ImageProjection
from diffusers.models.modeling_utils import load_state_dict
from safetensors.torch import save

from wallpaint.diffusion.loading import quiet_libraries, readable
from wallpaint.errors import MissingWeightsError, SettingError, WeightsError
from wallpaint.photo import write_files

FILE = "ip_adapter.safetensors"
IPAdapterWeights = dict[str, dict[str, torch.Tensor]]  #: {"image_proj": …, "ip_adapter": …}, keys as in the release

_HEAD_SIZE, _DEPTH, _FEED_FORWARD = 64, 4, 4  # of the resampler; diffusers builds it so whatever a file holds
_LAYER = re.compile(r"layers\.(\d+)\.")

# parts of the resampler's names: in diffusers' modules, in the release
_RESAMPLER_NAMES = (
    (".ln0.", ".0.norm1."),
    (".ln1.", ".0.norm2."),
    (".attn.to_q.", ".0.to_q."),
    (".attn.to_out.0.", ".0.to_out."),
    (".ff.0.", ".1.0."),
    (".ff.1.net.0.proj.", ".1.1."),
    (".ff.1.net.2.", ".1.3."),
)


def read_ip_adapter(path: Path) -> IPAdapterWeights:
    """Weights from a ``.safetensors`` or ``.bin`` file of the release, or one of ours.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged or no IP-Adapter.
    """
    if not path.is_file():
        raise MissingWeightsError(path, "there is no such file. Get one: wallpaint models pull ip-adapter-plus")
    with readable(path, "IP-Adapter"):
        content = load_state_dict(str(path))
    if set(content) == {"image_proj", "ip_adapter"}:
        return {part: dict(content[part]) for part in content}
    weights: IPAdapterWeights = {"image_proj": {}, "ip_adapter": {}}
    for key, value in content.items():
        part, _, name = key.partition(".")
        if part not in weights:
            raise WeightsError(path, f"this is no IP-Adapter: it holds {key!r}.")
        weights[part][name] = value
    if not all(weights.values()):
        raise WeightsError(path, "this is no IP-Adapter: it has no image projection or no attention weights.")
    return weights


def load_ip_adapters(unet: UNet2DConditionModel, adapters: Mapping[str, IPAdapterWeights]) -> None:
    """Give a UNet one or several IP-Adapters, frozen, at scale 1.

    Parameters
    ----------
    unet : UNet2DConditionModel
    adapters : mapping of str to weights
        By the name of their file, in the order in which `reference_embeds` will come.

    Raises
    ------
    WeightsError
        One does not fit this UNet; left to themselves, some of these would load and give wrong pictures.
    """
    for name, weights in adapters.items():
        _check_fit(name, weights, unet)
    with quiet_libraries():
        unet._load_ip_adapter_weights(list(adapters.values()), low_cpu_mem_usage=False)
    for parameter in (*projection_parameters(unet), *attention_parameters(unet)):
        parameter.requires_grad_(False)  # diffusers hands them out trainable


def projections(unet: UNet2DConditionModel) -> list[torch.nn.Module]:
    """The image projection of each IP-Adapter: what makes tokens of features. Empty without IP-Adapter."""
    holder = unet.encoder_hid_proj
    return [] if holder is None else list(holder.image_projection_layers)


def is_plain(projection: torch.nn.Module) -> bool:
    """Whether an image projection is the plain form's, which takes embeddings, not hidden states."""
    return isinstance(projection, ImageProjection)


def projection_parameters(unet: UNet2DConditionModel) -> list[torch.nn.Parameter]:
    """Of the image projections: train these to read references anew."""
    return [parameter for projection in projections(unet) for parameter in projection.parameters()]


def attention_parameters(unet: UNet2DConditionModel) -> list[torch.nn.Parameter]:
    """``to_k_ip`` and ``to_v_ip``: train these to follow the tokens differently."""
    return [
        parameter
        for processor in unet.attn_processors.values()
        if isinstance(processor, torch.nn.Module)
        for name, parameter in processor.named_parameters()
        if name.startswith(("to_k_ip", "to_v_ip"))
    ]


def set_scales(unet: UNet2DConditionModel, scales: Iterable[float]) -> None:
    """How strongly each IP-Adapter speaks: 0 is silence, 1 its full weight.

    Raises
    ------
    SettingError
        Not as many scales as adapters.
    """
    wanted, count = list(scales), len(projections(unet))
    if len(wanted) != count:
        raise SettingError(f"there are {count} IP-Adapters, but {len(wanted)} scales.")
    for processor in unet.attn_processors.values():
        if hasattr(processor, "scale"):
            processor.scale = list(wanted)


def scales(unet: UNet2DConditionModel) -> list[float]:
    """How strongly each IP-Adapter speaks, as `set_scales` set it. Empty without IP-Adapter."""
    set_to = (list(processor.scale) for processor in unet.attn_processors.values() if hasattr(processor, "scale"))
    return next(set_to, [])


def ip_adapter_weights(unet: UNet2DConditionModel, place: int = 0) -> IPAdapterWeights:
    """One of a UNet's IP-Adapters as the release lays it out, on the CPU: the inverse of `load_ip_adapters`."""
    projection = projections(unet)[place]
    attention = {}
    numbered = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for number, name in enumerate(numbered):
        processor: Any = unet.attn_processors[name]
        for key, layers in (("k", processor.to_k_ip), ("v", processor.to_v_ip)):
            attention[f"{2 * number + 1}.to_{key}_ip.weight"] = _stored(layers[place].weight)
    named = _plain_names(projection) if is_plain(projection) else _resampler_names(projection)
    return {"image_proj": named, "ip_adapter": attention}


def save_ip_adapter(unet: UNet2DConditionModel, path: Path, place: int = 0, dtype: torch.dtype | None = None) -> None:
    """Write one IP-Adapter to a ``.safetensors`` file, whole or not at all, in the weights' dtype or another.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    weights = ip_adapter_weights(unet, place)
    flat = {f"{part}.{name}": value for part, values in weights.items() for name, value in values.items()}
    write_files({path: save({key: value if dtype is None else value.to(dtype) for key, value in flat.items()})})


def _check_fit(name: str, weights: IPAdapterWeights, unet: UNet2DConditionModel) -> None:
    dim = unet.config.cross_attention_dim
    for number, processor_name in enumerate(n for n in unet.attn_processors if n.endswith("attn2.processor")):
        width = unet.get_submodule(processor_name.removesuffix(".processor")).to_q.in_features
        for key in ("k", "v"):
            _check_shape(name, weights["ip_adapter"], f"{2 * number + 1}.to_{key}_ip.weight", (width, dim))
    projection = weights["image_proj"]
    if "proj.weight" in projection:
        _check_shape(name, projection, "proj.weight", (4 * dim, projection["proj.weight"].shape[-1]))
    elif "latents" in projection:
        _check_resampler(name, projection, dim)
    else:
        raise WeightsError(
            name, "this kind of IP-Adapter is not supported. Use ip-adapter-plus_sd15 or ip-adapter_sd15."
        )


def _check_resampler(name: str, projection: Mapping[str, torch.Tensor], dim: int) -> None:
    hidden = projection["latents"].shape[-1]
    _check_shape(name, projection, "proj_out.weight", (dim, hidden))
    depth = len({match[1] for key in projection if (match := _LAYER.match(key))})
    if depth != _DEPTH:
        raise WeightsError(name, f"its resampler has {depth} layers, and only {_DEPTH} can be loaded.")
    for layer in range(depth):
        inner = projection.get(f"layers.{layer}.0.to_q.weight", torch.empty(0, hidden)).shape[0]
        if inner == 0 or inner % _HEAD_SIZE:
            raise WeightsError(
                name, f"its resampler is {inner} wide inside, no multiple of {_HEAD_SIZE}, its head size."
            )
        _check_shape(name, projection, f"layers.{layer}.0.to_kv.weight", (2 * inner, hidden))
        _check_shape(name, projection, f"layers.{layer}.1.1.weight", (_FEED_FORWARD * hidden, hidden))


def _check_shape(name: str, weights: Mapping[str, torch.Tensor], key: str, wanted: tuple[int, ...]) -> None:
    if key not in weights:
        raise WeightsError(name, f"it has no {key}: it was made for another kind of UNet.")
    if (shape := tuple(weights[key].shape)) != wanted:
        written, other = (" × ".join(map(str, sizes)) for sizes in (shape, wanted))
        raise WeightsError(name, f"{key} is {written}, this UNet wants {other}: it was made for another base model.")


def _plain_names(projection: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key.replace("image_embeds", "proj"): _stored(value) for key, value in projection.state_dict().items()}


def _resampler_names(projection: torch.nn.Module) -> dict[str, torch.Tensor]:
    state, named = projection.state_dict(), {}
    for key, value in state.items():
        if key.endswith("attn.to_k.weight"):
            both = torch.cat([value, state[key.replace("to_k", "to_v")]])
            named[key.replace("attn.to_k", "0.to_kv")] = _stored(both)
        elif not key.endswith("attn.to_v.weight"):
            for ours, theirs in _RESAMPLER_NAMES:
                key = key.replace(ours, theirs)
            named[key] = _stored(value)
    return named


def _stored(value: torch.Tensor) -> torch.Tensor:
    return value.detach().cpu().contiguous().clone()
