"""Attention in float32 inside bfloat16 models: up to five times faster in torch's backward pass on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import torch
from diffusers.models.attention_processor import Attention
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode


def attend_in_float(model: torch.nn.Module) -> None:
    """Make the attention layers of a model compute in float32 and return the dtype of their query; for CPUs.

    `benchmarks/attention.py` measures the speed.
    """
    for module in model.modules():
        if isinstance(module, Attention):
            module.forward = _within_mode(module.forward)


def _within_mode(forward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(forward)  # diffusers inspects the signature
    def in_float(*args: Any, **kwargs: Any) -> Any:
        with FloatAttention():
            return forward(*args, **kwargs)

    return in_float


class FloatAttention(TorchFunctionMode):
    """Within this context `scaled_dot_product_attention` computes in float32."""

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
