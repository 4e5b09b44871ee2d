"""Named tensors in files: reading with one-line errors, and atomic writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wallpaint.diffusion.checkpoints.pickled import load_pickled
from wallpaint.diffusion.checkpoints.tensor_headers import PICKLED
from wallpaint.errors import MissingWeightsError, OutputError, Source, WeightsError
from wallpaint.optional import needs_extra
from wallpaint.photo import write_files

with needs_extra("diffusion", "A model's weights"):
    import torch
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import save


def read_tensors(path: Source) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Read the tensors of a file, on the CPU, and its metadata.

    A ``.safetensors`` file, or one pickled by torch (.bin, .ckpt, .pt, .pth), of which only tensors are loaded; names
    in nested dictionaries are joined by dots.

    Raises
    ------
    MissingWeightsError
        There is no such file, or it is a folder.
    WeightsError
        It is cut short, of another format, or contains Python objects, which can run code.
    """
    if not Path(path).is_file():
        raise MissingWeightsError(path, "there is no such file. Check its name.")
    if Path(path).suffix in PICKLED:
        content = dict(flattened(load_pickled(Path(path))))
        return {name: value for name, value in content.items() if isinstance(value, torch.Tensor)}, {}
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            path, f"this is not a safetensors file, or it is damaged ({error}). Get it again, as .safetensors."
        ) from None


def flattened(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested dictionaries, with their keys joined by dots."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def write_tensors(path: Source, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors and metadata atomically; missing folders are made.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_files({path: save(stored, {"format": "pt", **metadata})})
    except OSError as error:
        raise OutputError.of(path, error) from None
