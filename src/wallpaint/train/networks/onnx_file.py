"""ONNX files with float16 weights, which OpenCV reads, from torch networks and back."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra

with needs_extra("train", "Export of a network"):
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import TensorProto, numpy_helper
    from onnx.helper import make_node

_OPSET = 17
_HALF = ".half"  # ending of the names of float16 weights
_SMALL = 64  # elements up to which a constant stays float32


def to_onnx(
    network: torch.nn.Module, inputs: tuple[Any, ...], axes: Mapping[str, Mapping[int, str]], outputs: Sequence[str]
) -> bytes:
    """The network as ONNX; weights are float16 and cast to float32 when they are read.

    Parameters
    ----------
    network : torch.nn.Module
    inputs : tuple of tensors
        Examples.
    axes : dict of str to (dict of int to str)
        Free axes by the name of each input, in the order of the inputs.
    outputs : sequence of str
        Names of the outputs.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            inputs,
            cast(Any, buffer),
            dynamo=False,
            input_names=list(axes),
            output_names=list(outputs),
            dynamic_axes={name: dict(free) for name, free in axes.items()},
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


def load_onnx_weights(network: torch.nn.Module, path: Path, *, without: str | None = None) -> None:
    """Load weights that `to_onnx` wrote into a network of the same kind.

    Parameters
    ----------
    network : torch.nn.Module
    path : Path
    without : str, optional
        Start of the names of weights that the file lacks; the network keeps its own.

    Raises
    ------
    WeightsError
        The file is missing or damaged, or holds another network.
    """
    try:
        weights = {
            tensor.name.removesuffix(_HALF): torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
            for tensor in onnx.load_from_string(path.read_bytes()).graph.initializer
        }
        wanted = [key for key in network.state_dict() if without is None or not key.startswith(without)]
        network.load_state_dict({key: weights[key] for key in wanted}, strict=False)
    except (OSError, KeyError, ValueError, RuntimeError, DecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).strip().splitlines()[0]
        raise WeightsError(path, f"this is not the network it should be ({reason}). Train it again.") from None
