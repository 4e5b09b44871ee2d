"""Export of the wall networks: two ONNX files with float16 weights, which OpenCV reads, and a file about them."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from wallpaint.errors import WeightsError
from wallpaint.networks.wall import CLICK, LOOK, LOOK_OUTPUTS
from wallpaint.networks.wall_inputs import CLICK_MAPS
from wallpaint.optional import needs_extra
from wallpaint.photo import write_files
from wallpaint.train.networks.wall.objective import WallNetworks

with needs_extra("train", "Export of a network"):
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import TensorProto, numpy_helper
    from onnx.helper import make_node

ABOUT = "wall.json"
_OPSET = 17
_HALF = ".half"  # ending of the names of float16 weights
_AUXILIARY = "labels."  # a head that only training needs
_SMALL = 64  # elements up to which a constant stays float32


def export_wall(networks: WallNetworks, folder: Path, metadata: Mapping[str, object]) -> list[Path]:
    """Write ``look.onnx``, ``click.onnx`` and ``wall.json`` into a folder; returns the paths.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    networks = networks.float().eval()
    photo = torch.zeros(1, 3, 64, 96)
    with torch.no_grad():
        look = networks.look(photo)
    maps = torch.zeros(1, CLICK_MAPS, *look.features.shape[2:])
    contents = {
        LOOK: _onnx(networks.look, (photo,), ["photo"], LOOK_OUTPUTS),
        CLICK: _onnx(
            networks.click, (look.features, look.fine, look.wall, maps), ["features", "fine", "prior", "maps"], ["wall"]
        ),
        ABOUT: json.dumps(dict(metadata), indent=2).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_files({folder / name: content for name, content in contents.items()})
    return [folder / name for name in contents]


def import_wall(folder: Path) -> WallNetworks:
    """The networks that `export_wall` wrote into a folder; the head that only training needs gets random weights.

    Raises
    ------
    WeightsError
        A file is missing or damaged, or holds another network.
    """
    networks = WallNetworks()
    for name, network in ((LOOK, networks.look), (CLICK, networks.click)):
        path = folder / name
        try:
            tensors = onnx.load_from_string(path.read_bytes()).graph.initializer
            weights = {
                tensor.name.removesuffix(_HALF): torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
                for tensor in tensors
            }
            wanted = {key: weights[key] for key in network.state_dict() if not key.startswith(_AUXILIARY)}
            network.load_state_dict(wanted, strict=False)
        except (OSError, KeyError, ValueError, RuntimeError, DecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error).strip().splitlines()[0]
            raise WeightsError(path, f"this is not a network that finds walls ({reason}). Train it again.") from None
    return networks


def _onnx(network: torch.nn.Module, inputs: tuple[Any, ...], names: list[str], outputs: Sequence[str]) -> bytes:
    """The network as ONNX with free height and width; weights are float16 and cast to float32 when they are read."""
    buffer = io.BytesIO()
    axes = {name: {2: f"{name} height", 3: f"{name} width"} for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            inputs,
            cast(Any, buffer),
            dynamo=False,
            input_names=names,
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=_OPSET,
        )
    model = onnx.load_from_string(buffer.getvalue())
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > _SMALL:
            graph.initializer.remove(tensor)
            graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + _HALF))
            casts.append(make_node("Cast", [tensor.name + _HALF], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
