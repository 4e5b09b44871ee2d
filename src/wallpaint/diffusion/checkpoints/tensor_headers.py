"""Names, dtypes and sizes of the tensors in a file of weights, read from its header."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Reading weights"):
    from safetensors import SafetensorError, safe_open

PICKLED = (".bin", ".ckpt", ".pt", ".pth")
_DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


@dataclass(frozen=True)
class TensorHeader:
    """A tensor's dtype, by torch's name if torch has it; its number of elements; their bytes."""

    dtype: str
    size: int
    bytes: int

    @property
    def is_floating(self) -> bool:
        return "float" in self.dtype.lower() or self.dtype.startswith("F8")


def read_headers(path: Path) -> dict[str, TensorHeader]:
    """Read the headers of all tensors, by name; names in nested dictionaries are joined by dots.

    Of a safetensors file only the header is read. A pickled file is memory-mapped by torch, which loads only tensors
    from it and runs no code.

    Raises
    ------
    WeightsError
        The file is damaged, cut short, or not a file of weights.
    """
    if path.suffix == ".safetensors":
        return _safetensors_headers(path)
    if path.suffix in PICKLED:
        return _pickled_headers(path)
    raise WeightsError(path, f"this is not a file of weights: those end in .safetensors, {', '.join(PICKLED)}.")


def _safetensors_headers(path: Path) -> dict[str, TensorHeader]:
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            return {name: _header(part.get_dtype(), part.get_shape()) for name, part in slices.items()}
    except (SafetensorError, OSError) as error:
        raise WeightsError(path, f"damaged or cut short ({error}). Fetch or save it again.") from None


def _header(dtype: str, shape: list[int]) -> TensorHeader:
    bits = re.search(r"\d+", dtype)
    size = math.prod(shape)
    return TensorHeader(_DTYPES.get(dtype, dtype), size, size * (int(bits[0]) if bits else 8) // 8)


def _pickled_headers(path: Path) -> dict[str, TensorHeader]:
    with needs_extra("diffusion", f"Reading {path.suffix} files"):
        import torch
    try:
        content = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            path, "it contains more than tensors, which is not loaded for safety. Use a .safetensors file instead."
        ) from None
    except Exception:  # torch's own unpickler has no errors of its own: IndexError, KeyError, TypeError … come out
        raise WeightsError(
            path, "damaged, cut short, or saved by a torch before 1.6. Fetch it again, or use a .safetensors file."
        ) from None
    return {
        name: TensorHeader(str(tensor.dtype).removeprefix("torch."), tensor.numel(), tensor.nbytes)
        for name, tensor in _flat(content)
        if isinstance(tensor, torch.Tensor)
    }


def _flat(content: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(content, Mapping):
        return
    if not prefix and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
