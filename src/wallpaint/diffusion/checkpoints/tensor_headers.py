"""Names, dtypes and sizes of the tensors in a file of weights, read from its header."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Reading weights"):
    from safetensors import SafetensorError, safe_open

PICKLED = (".bin", ".ckpt", ".pt", ".pth")
_DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


@dataclass(frozen=True)
class TensorHeader:
    """A tensor's dtype, by torch's name if torch has it; its number of elements; their bytes; its shape."""

    dtype: str
    size: int
    bytes: int
    shape: tuple[int, ...] = ()

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
    return TensorHeader(_DTYPES.get(dtype, dtype), size, size * (int(bits[0]) if bits else 8) // 8, tuple(shape))


def _pickled_headers(path: Path) -> dict[str, TensorHeader]:
    from wallpaint.diffusion.checkpoints.pickled import load_pickled
    from wallpaint.diffusion.checkpoints.tensor_file import flattened

    return {
        name: TensorHeader(str(tensor.dtype).removeprefix("torch."), tensor.numel(), tensor.nbytes, tuple(tensor.shape))
        for name, tensor in flattened(load_pickled(path, mapped=True))
        if hasattr(tensor, "nbytes") and hasattr(tensor, "numel")
    }
