"""The trained network as it is shipped: float16 weights, and a file of what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch

from wallpaint.diffusion.checkpoints.tensor_file import write_tensors
from wallpaint.errors import WeightsError
from wallpaint.networks.weights import WEIGHTS, read_weights
from wallpaint.photo import write_files
from wallpaint.train.networks.interreflection.network import BounceNetwork


def export_network(network: BounceNetwork, folder: Path, about: Mapping[str, object]) -> Path:
    """Write ``FOLDER/bounce.safetensors`` and, beside it, what is known `about` it as JSON; raises `OutputError`."""
    path = folder / WEIGHTS
    write_tensors(path, {name: value.half() for name, value in network.state_dict().items()}, {})
    parameters = sum(value.numel() for value in network.parameters())
    write_files({path.with_suffix(".json"): json.dumps({"parameters": parameters, **about}, indent=2).encode()})
    return path


def import_network(path: Path, network: BounceNetwork) -> None:
    """Load exported weights; raises `WeightsError` if they are damaged or another network's."""
    weights = {name: torch.from_numpy(value.copy()) for name, value in read_weights(path).items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise WeightsError(path, "these are weights of another network than this one.") from None
