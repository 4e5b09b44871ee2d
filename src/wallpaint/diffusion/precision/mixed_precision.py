"""A module that computes in its own number format and is spoken to in float32."""

from __future__ import annotations

from typing import Any

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Diffusion"):
    import torch
    from torch.utils._pytree import tree_map_only  # diffusers' and transformers' outputs are registered with it

_FORMATS = "_wallpaint_formats"  # a module's attribute: what its hooks convert to


def float_shell(
    module: torch.nn.Module,
    dtype: torch.dtype,
    memory_format: torch.memory_format = torch.contiguous_format,
) -> None:
    """Convert a module's weights, and from then on what goes in and out of it.

    Whoever calls it hands in float32 and gets float32 back, so that what has to be exact (a scheduler's sums, a loss)
    never meets fewer digits. Only what is in the module now is converted: adapters that are attached later keep
    their format, which for those that are trained should be float32.

    Parameters
    ----------
    module : torch.nn.Module
        One that is called. Of an `AutoencoderKL`, which is not called but encodes and decodes, every child.
    dtype : torch.dtype
    memory_format : torch.memory_format

    A second call changes the format.

    Notes
    -----
    Floating-point tensors are converted wherever they are, in tuples, lists, dicts and the outputs of diffusers and
    transformers; gradients pass. Integers, booleans, and what has fewer than two dimensions go in as they are: those
    are timesteps and scales, and bfloat16 cannot tell timestep 999 from 1000.
    """
    convert: Any = torch.nn.Module.to  # diffusers' own to() warns of layers to keep in float32 that it does not have
    convert(module, dtype=dtype, memory_format=memory_format)
    formats: list[Any] | None = getattr(module, _FORMATS, None)
    if formats is not None:
        formats[:] = dtype, memory_format
        return
    formats = [dtype, memory_format]
    setattr(module, _FORMATS, formats)

    def going_in(value: torch.Tensor) -> torch.Tensor:
        if not value.is_floating_point() or value.ndim < 2:
            return value
        wanted, layout = formats
        return value.to(wanted, memory_format=layout) if value.ndim == 4 else value.to(wanted)

    def coming_out(value: torch.Tensor) -> torch.Tensor:
        return value.float().contiguous() if value.is_floating_point() else value

    def before(_: torch.nn.Module, args: Any, kwargs: Any) -> tuple[Any, Any]:
        return tree_map_only(torch.Tensor, going_in, (args, kwargs))

    def after(_: torch.nn.Module, args: Any, output: Any) -> Any:
        return tree_map_only(torch.Tensor, coming_out, output)

    module.register_forward_pre_hook(before, with_kwargs=True)
    module.register_forward_hook(after)
