"""Colour tokens: the reference's CIELAB colour as UNet conditioning, in addition to the image features.

Image encoders do not keep exact colour. A second, plain IP-Adapter gets Fourier features of the reference's CIELAB
instead of an image embedding; diffusers supports several IP-Adapters at once, each with its own scale. The file is
that of a plain IP-Adapter in the layout of the release, marked in its metadata.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel

from wallpaint.color import srgb_to_lab
from wallpaint.diffusion.adapters.ip_adapter import IPAdapterWeights, ip_adapter_weights, is_plain
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.errors import Source, WeightsError

FILE = "color_tokens.safetensors"
OCTAVES = 6  #: frequencies of the Fourier features; more would resolve differences that nobody can see
COLOR_FEATURES = 3 * (1 + 2 * OCTAVES)  #: 39, a width that no image encoder's embedding has

_MARK = {"reads": "fourier features of cielab", "octaves": str(OCTAVES)}


def color_features(srgb: torch.Tensor) -> torch.Tensor:
    """Fourier features of the CIELAB values of colours.

    With v = (L*, a*, b*) / 100, the features are v, then sin(2ᵏ π v / 2) and cos(2ᵏ π v / 2) for k = 0 … 5: periods of
    400, 200, … 12.5 units. From the plain numbers a network learns only smooth functions; these features let it
    distinguish close colours (Tancik et al., "Fourier Features Let Networks Learn High Frequency Functions in Low
    Dimensional Domains", 2020).

    Parameters
    ----------
    srgb : (N, 3) uint8, or float in [0, 1]

    Returns
    -------
    (N, 39) float32, on the same device
    """
    unit = srgb.double() if srgb.is_floating_point() else srgb.double() / 255
    lab = (srgb_to_lab(unit) / 100).float()
    octaves = 2.0 ** torch.arange(OCTAVES, device=lab.device) * (math.pi / 2)
    angles = (lab[..., None] * octaves).flatten(1)
    return torch.cat([lab, angles.sin(), angles.cos()], dim=1)


def reads_color(projection: torch.nn.Module) -> bool:
    """Whether an image projection is that of colour tokens, whose input is `color_features`."""
    first: Any = projection.image_embeds if is_plain(projection) else None
    return first is not None and first.in_features == COLOR_FEATURES


def read_color_tokens(path: Source) -> IPAdapterWeights:
    """Read the weights that `save_color_tokens` wrote.

    Raises
    ------
    MissingWeightsError
        There is no such file.
    WeightsError
        It is damaged, contains no colour tokens, or was written by another version of wallpaint.
    """
    tensors, metadata = read_tensors(path)
    if any(metadata.get(key) != value for key, value in _MARK.items()):
        raise WeightsError(path, "no colour tokens of this version of wallpaint are in it. Delete it.")
    weights: IPAdapterWeights = {"image_proj": {}, "ip_adapter": {}}
    for key, value in tensors.items():
        part, _, name = key.partition(".")
        if part not in weights:
            raise WeightsError(path, f"{key} is not part of colour tokens, so the file is damaged. Get it again.")
        weights[part][name] = value
    return weights


def save_color_tokens(unet: UNet2DConditionModel, path: Path, place: int, dtype: torch.dtype | None = None) -> None:
    """Write the colour tokens, which are the UNet's IP-Adapter at `place`; parameters as in `save_ip_adapter`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    weights = ip_adapter_weights(unet, place)
    flat = {f"{part}.{name}": value for part, values in weights.items() for name, value in values.items()}
    write_tensors(path, {key: value if dtype is None else value.to(dtype) for key, value in flat.items()}, _MARK)
