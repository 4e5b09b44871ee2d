"""Mixed precision: a module computes in a given dtype, and its inputs and outputs are float32."""

from __future__ import annotations

from typing import Any

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Diffusion"):
    import torch
    from torch.utils._pytree import tree_map_only  # diffusers' and transformers' outputs are registered with it

_FORMATS = "_wallpaint_formats"  # a module's attribute: what its hooks convert to


def use_mixed_precision(
    module: torch.nn.Module,
    dtype: torch.dtype,
    memory_format: torch.memory_format = torch.contiguous_format,
) -> None:
    """Convert a module's weights, and add hooks that convert its inputs to `dtype` and its outputs to float32.

    So a scheduler's sums and a loss are computed in float32. Only weights that are in the module now are converted.
    Adapters that are attached later keep their dtype; trained ones should be float32.

    Parameters
    ----------
    module : torch.nn.Module
        A module whose ``forward`` is used. For an `AutoencoderKL`, which is used by ``encode`` and ``decode``, call
        this for every child.
    dtype : torch.dtype
    memory_format : torch.memory_format

    A second call changes the format.

    Notes
    -----
    Floating-point tensors are converted inside tuples, lists, dicts and the outputs of diffusers and transformers too;
    gradients flow through. Integers, booleans and inputs with fewer than two dimensions are not converted: those are
    timesteps and scales, and bfloat16 cannot represent both timestep 999 and 1000.
    """
    convert: Any = torch.nn.Module.to  # diffusers' own to() warns of layers to keep in float32 that it does not have
    convert(module, dtype=dtype, memory_format=memory_format)
    formats: list[Any] | None = getattr(module, _FORMATS, None)
    if formats is not None:
        formats[:] = dtype, memory_format
        return
    formats = [dtype, memory_format]
    setattr(module, _FORMATS, formats)

    def convert_input(value: torch.Tensor) -> torch.Tensor:
        if not value.is_floating_point() or value.ndim < 2:
            return value
        wanted, layout = formats
        return value.to(wanted, memory_format=layout) if value.ndim == 4 else value.to(wanted)

    def convert_output(value: torch.Tensor) -> torch.Tensor:
        return value.float().contiguous() if value.is_floating_point() else value

    def before(_: torch.nn.Module, args: Any, kwargs: Any) -> tuple[Any, Any]:
        return tree_map_only(torch.Tensor, convert_input, (args, kwargs))

    def after(_: torch.nn.Module, args: Any, output: Any) -> Any:
        return tree_map_only(torch.Tensor, convert_output, output)

    module.register_forward_pre_hook(before, with_kwargs=True)
    module.register_forward_hook(after)
