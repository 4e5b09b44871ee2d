"""IP-Adapter: the reference image as additional tokens in the UNet's cross-attention.

Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models", 2023. The *Plus* form
resamples the image encoder's penultimate hidden states to 16 tokens; the plain form projects its embedding to four.
Files are read and written in the layout of the authors' release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import ImageProjection, IPAdapterPlusImageProjection
from safetensors.torch import save

from wallpaint.diffusion.checkpoints.kinds import fault_for_paint, kind_of
from wallpaint.diffusion.checkpoints.loading import quiet_libraries, readable
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.errors import MissingWeightsError, SettingError, Source, WeightsError
from wallpaint.photo import write_files

FILE = "ip_adapter.safetensors"
IPAdapterWeights = dict[str, dict[str, torch.Tensor]]  #: {"image_proj": …, "ip_adapter": …}, keys as in the release

HEAD_SIZE, _DEPTH = 64, 4  # of the resampler; diffusers uses these values whatever the file contains
PLAIN_TOKENS = 4  # likewise
_LAYER = re.compile(r"layers\.(\d+)\.")

# parts of the resampler's parameter names: in diffusers, in the release
_RESAMPLER_NAMES = (
    (".ln0.", ".0.norm1."),
    (".ln1.", ".0.norm2."),
    (".attn.to_q.", ".0.to_q."),
    (".attn.to_out.0.", ".0.to_out."),
    (".ff.0.", ".1.0."),
    (".ff.1.net.0.proj.", ".1.1."),
    (".ff.1.net.2.", ".1.3."),
)


def read_ip_adapter(path: Source) -> IPAdapterWeights:
    """Read the weights in a ``.safetensors`` or ``.bin`` file of the release, or in one written by `save_ip_adapter`.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, or contains no IP-Adapter.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingWeightsError(path, "there is no such file. Fetch one: wallpaint models pull ip-adapter-plus")
    with readable(path, "IP-Adapter"):
        weights = _parts(read_tensors(path)[0])
    if not all(weights.values()):
        raise WeightsError(path, "this is not an IP-Adapter. Fetch one: wallpaint models pull ip-adapter-plus")
    shapes = {f"{part}.{name}": tuple(value.shape) for part in weights for name, value in weights[part].items()}
    if fault := fault_for_paint(kind_of(shapes), shapes):
        raise WeightsError(path, f"{fault} Fetch one: wallpaint models pull ip-adapter-plus")
    return weights


def load_ip_adapters(unet: UNet2DConditionModel, adapters: Mapping[str, IPAdapterWeights]) -> None:
    """Load one or several IP-Adapters into a UNet, frozen, at scale 1.

    Parameters
    ----------
    unet : UNet2DConditionModel
    adapters : mapping of str to weights
        By the name of their file, in the order of the features that the UNet will be given.

    Raises
    ------
    WeightsError
        One does not fit this UNet. diffusers loads some of these without an error, and they give wrong pictures.
    """
    for name, weights in adapters.items():
        with readable(name, "IP-Adapter"):
            _check_fit(name, weights, unet)
    with quiet_libraries():
        unet._load_ip_adapter_weights(list(adapters.values()), low_cpu_mem_usage=False)
    for parameter in (*projection_parameters(unet), *attention_parameters(unet)):
        parameter.requires_grad_(False)  # diffusers leaves them trainable


def projections(unet: UNet2DConditionModel) -> list[torch.nn.Module]:
    """The image projection of each IP-Adapter, which turns features into tokens. Empty without IP-Adapter."""
    holder = unet.encoder_hid_proj
    return [] if holder is None else list(holder.image_projection_layers)


def is_plain(projection: torch.nn.Module) -> bool:
    """Whether an image projection is that of the plain form, which takes embeddings, not hidden states."""
    return isinstance(projection, ImageProjection)


def projection_parameters(unet: UNet2DConditionModel, place: int | None = None) -> list[torch.nn.Parameter]:
    """Parameters of all image projections, or of the one at `place`."""
    return [parameter for projection in projections(unet)[_places(place)] for parameter in projection.parameters()]


def attention_parameters(unet: UNet2DConditionModel, place: int | None = None) -> list[torch.nn.Parameter]:
    """``to_k_ip`` and ``to_v_ip`` of all IP-Adapters, or of the one at `place`."""
    processors: list[Any] = [item for item in unet.attn_processors.values() if isinstance(item, torch.nn.Module)]
    return [
        layer.weight
        for processor in processors
        for layers in (processor.to_k_ip, processor.to_v_ip)
        for layer in layers[_places(place)]
    ]


def set_scales(unet: UNet2DConditionModel, scales: Iterable[float]) -> None:
    """Set the weight of each IP-Adapter: 0 disables it, 1 is as trained.

    Raises
    ------
    SettingError
        The number of scales is not the number of IP-Adapters.
    """
    wanted, count = list(scales), len(projections(unet))
    if len(wanted) != count:
        raise SettingError(f"scales given: {len(wanted)}, IP-Adapters loaded: {count}. Give one scale for each.")
    for processor in unet.attn_processors.values():
        if hasattr(processor, "scale"):
            processor.scale = list(wanted)


def scales(unet: UNet2DConditionModel) -> list[float]:
    """The weight of each IP-Adapter, as `set_scales` set it. Empty without IP-Adapter."""
    set_to = (list(processor.scale) for processor in unet.attn_processors.values() if hasattr(processor, "scale"))
    return next(set_to, [])


@contextmanager
def scaled_by(unet: UNet2DConditionModel, factor: float) -> Iterator[None]:
    """Context in which the weight of every IP-Adapter is multiplied by `factor`."""
    usual = scales(unet)
    set_scales(unet, [factor * scale for scale in usual])
    try:
        yield
    finally:
        set_scales(unet, usual)


def ip_adapter_weights(unet: UNet2DConditionModel, place: int = 0) -> IPAdapterWeights:
    """The IP-Adapter at `place` in the layout of the release, on the CPU: the inverse of `load_ip_adapters`."""
    attention = {}
    for number, name in cross_attentions(unet):
        processor: Any = unet.get_submodule(name).processor
        for key, layers in (("k", processor.to_k_ip), ("v", processor.to_v_ip)):
            attention[f"{number}.to_{key}_ip.weight"] = layers[place].weight
    return {"image_proj": _stored(released_weights(projections(unet)[place])), "ip_adapter": _stored(attention)}


def cross_attentions(unet: UNet2DConditionModel) -> list[tuple[int, str]]:
    """Number in the release and name in diffusers of each cross-attention; even numbers are self-attentions."""
    names = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    return [(2 * place + 1, name.removesuffix(".processor")) for place, name in enumerate(names)]


def released_weights(projection: torch.nn.Module) -> dict[str, torch.Tensor]:
    """An image projection's weights under their names in the release."""
    state = projection.state_dict()
    if is_plain(projection):
        return {key.replace("image_embeds", "proj"): value for key, value in state.items()}
    named = {}
    for key, value in state.items():
        if key.endswith("attn.to_k.weight"):
            both = torch.cat([value, state[key.replace("to_k", "to_v")]])
            named[key.replace("attn.to_k", "0.to_kv")] = both
        elif not key.endswith("attn.to_v.weight"):
            for ours, theirs in _RESAMPLER_NAMES:
                key = key.replace(ours, theirs)
            named[key] = value
    return named


def save_ip_adapter(unet: UNet2DConditionModel, path: Path, place: int = 0, dtype: torch.dtype | None = None) -> None:
    """Write the IP-Adapter at `place` to a ``.safetensors`` file, atomically.

    Parameters
    ----------
    unet : UNet2DConditionModel
    path : Path
    place : int
        Index among the UNet's IP-Adapters.
    dtype : torch.dtype, optional
        dtype in the file; that of the weights if not given.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    weights = ip_adapter_weights(unet, place)
    flat = {f"{part}.{name}": value for part, values in weights.items() for name, value in values.items()}
    write_files({path: save({key: value if dtype is None else value.to(dtype) for key, value in flat.items()})})


def _places(place: int | None) -> slice:
    return slice(None) if place is None else slice(place, place + 1)


def _parts(content: Mapping[str, torch.Tensor]) -> IPAdapterWeights:
    """The weights in a file; empty if anything else is in it."""
    weights: IPAdapterWeights = {"image_proj": {}, "ip_adapter": {}}
    for key, value in content.items():
        part, _, name = key.partition(".")
        if part not in weights or not name:
            return {"image_proj": {}, "ip_adapter": {}}
        weights[part][name] = value
    return weights


def _check_fit(name: str, weights: IPAdapterWeights, unet: UNet2DConditionModel) -> None:
    """Require exactly the tensors that this UNet and its image projection have, with the same shapes."""
    projection = _empty_projection(name, weights["image_proj"], unet.config.cross_attention_dim)
    _check_shapes(name, weights["ip_adapter"], _attention_shapes(unet))
    _check_shapes(
        name, weights["image_proj"], {key: value.shape for key, value in released_weights(projection).items()}
    )


def _attention_shapes(unet: UNet2DConditionModel) -> dict[str, tuple[int, ...]]:
    return {
        f"{number}.to_{key}_ip.weight": (unet.get_submodule(name).to_q.in_features, unet.config.cross_attention_dim)
        for number, name in cross_attentions(unet)
        for key in ("k", "v")
    }


def _empty_projection(name: str, weights: Mapping[str, torch.Tensor], dim: int) -> torch.nn.Module:
    """The image projection that diffusers builds for these weights, on the meta device."""
    with torch.device("meta"):
        if "proj.weight" in weights:
            return ImageProjection(weights["proj.weight"].shape[-1], dim, num_image_text_embeds=PLAIN_TOKENS)
        if "latents" not in weights:
            raise WeightsError(name, "this kind of IP-Adapter is not supported. Use IP-Adapter or IP-Adapter Plus.")
        depth = len({match[1] for key in weights if (match := _LAYER.match(key))})
        if depth != _DEPTH:
            raise WeightsError(name, f"its resampler has {depth} layers, only {_DEPTH} are supported. Use Plus.")
        tokens, hidden = weights["latents"].shape[-2:]
        features, inner = (_required(name, weights, key).shape for key in ("proj_in.weight", "layers.0.0.to_q.weight"))
        if inner[0] % HEAD_SIZE:
            raise WeightsError(
                name,
                f"the attention width of its resampler is {inner[0]}, not a multiple of the head size {HEAD_SIZE}. "
                "Use Plus.",
            )
        return IPAdapterPlusImageProjection(
            embed_dims=features[-1],
            output_dims=dim,
            hidden_dims=hidden,
            heads=inner[0] // HEAD_SIZE,
            num_queries=tokens,
        )


def _check_shapes(name: str, weights: Mapping[str, torch.Tensor], wanted: Mapping[str, tuple[int, ...]]) -> None:
    for key, size in wanted.items():
        if (shape := tuple(_required(name, weights, key).shape)) != size:
            written, other = (" × ".join(map(str, sizes)) for sizes in (shape, size))
            raise WeightsError(
                name, f"{key} is {written}, this UNet needs {other}. Use an IP-Adapter made for this base model."
            )
    if unknown := sorted(set(weights) - set(wanted)):
        raise WeightsError(
            name, f"this UNet has no layer for its {unknown[0]}. Use an IP-Adapter made for this base model."
        )


def _required(name: str, weights: Mapping[str, torch.Tensor], key: str) -> torch.Tensor:
    if key not in weights:
        raise WeightsError(name, f"{key} is missing. Fetch it again, or use an IP-Adapter made for this base model.")
    return weights[key]


def _stored(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {key: value.detach().cpu().contiguous().clone() for key, value in weights.items()}
