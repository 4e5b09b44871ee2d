"""Export of the edge network: an ONNX file with float16 weights, and a file about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch

from wallpaint.networks.edge import EDGE
from wallpaint.networks.edge_inputs import CHANNELS, PATCH
from wallpaint.photo import write_files
from wallpaint.train.networks.edge.network import EdgeNetwork
from wallpaint.train.networks.onnx_file import load_onnx_weights, to_onnx

ABOUT = "edge.json"


def export_edge(network: EdgeNetwork, folder: Path, metadata: Mapping[str, object]) -> list[Path]:
    """Write ``edge.onnx`` and ``edge.json`` into a folder; returns the paths.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    network = network.float().eval()
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    patch = torch.zeros(2, CHANNELS, PATCH, PATCH)
    axes = {"patch": {0: "patches", 2: "height", 3: "width"}}
    contents = {EDGE: to_onnx(network, (patch,), axes, ["edge"]), ABOUT: json.dumps(dict(metadata), indent=2).encode()}
    folder.mkdir(parents=True, exist_ok=True)
    write_files({folder / name: content for name, content in contents.items()})
    return [folder / name for name in contents]


def import_edge(folder: Path) -> EdgeNetwork:
    """The network that `export_edge` wrote into a folder.

    Raises
    ------
    WeightsError
        The file is missing or damaged, or holds another network.
    """
    network = EdgeNetwork()
    load_onnx_weights(network, folder / EDGE)
    return network
