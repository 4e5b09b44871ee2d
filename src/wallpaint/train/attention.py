"""Attention in float32 within models of bfloat16: on a CPU, torch's goes backwards up to five times faster so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode


def attention_in_float(device: torch.device) -> AbstractContextManager[Any]:
    """While this lasts, attention on a CPU is computed in float32 whatever it is given; elsewhere nothing changes.

    It must last over the backward pass too, which computes anew what gradient checkpointing has not kept.
    `benchmarks/attention.py` measures it.
    """
    return _FloatAttention() if device.type == "cpu" else nullcontext()


class _FloatAttention(TorchFunctionMode):
    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if function is not scaled_dot_product_attention:
            return function(*args, **(kwargs or {}))
        query = args[0]
        with torch.autocast(query.device.type, enabled=False):
            attended = function(*map(_in_float, args), **{k: _in_float(v) for k, v in (kwargs or {}).items()})
        return attended.to(query.dtype)


def _in_float(value: Any) -> Any:
    is_half = isinstance(value, torch.Tensor) and value.dtype in (torch.bfloat16, torch.float16)
    return value.float() if is_half else value
