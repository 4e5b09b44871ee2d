"""Weights in pickled files of torch (.bin, .ckpt, .pt, .pth), loaded without running code."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Reading pickled weights"):
    import torch
    from torch.serialization import safe_globals

# The releases of 2022 are complete training states of PyTorch Lightning, which weights-only loading refuses.
_LIGHTNING_CLASSES = (
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
)
_REFUSED = re.compile(r"(?:Unsupported global: GLOBAL|Unsupported class|Trying to load unsupported GLOBAL) ([\w.]+)")


def load_pickled(path: Path, *, mapped: bool = False) -> dict[str, Any]:
    """Load the content of a pickled file: tensors, numbers, text and containers of them, by name.

    Parameters
    ----------
    path : Path
    mapped : bool
        Map the file into memory instead of reading all tensors.

    Raises
    ------
    WeightsError
        It contains Python objects, which are not loaded because they can run code; or it is damaged, or contains no
        named weights.
    """
    try:
        with safe_globals([(_TrainingRecord, name) for name in _LIGHTNING_CLASSES]):
            content = torch.load(path, map_location="cpu", mmap=mapped or None, weights_only=True)
    except Exception as error:  # torch's own unpickler has no errors of its own: IndexError, KeyError, … come out
        if isinstance(error, pickle.UnpicklingError) and _names_object(error):
            found = _REFUSED.search(str(error))
            objects = f" ({found[1]})" if found else ""
            raise WeightsError(
                path,
                f"unsafe: it contains Python objects{objects}, which can run code, so it is not loaded. Use a "
                ".safetensors file instead.",
            ) from None
        raise WeightsError(
            path, "damaged, cut short, or saved by a torch before 1.6. Fetch it again, or use a .safetensors file."
        ) from None
    while isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise WeightsError(path, "it contains no named weights. Use a file of weights.")
    return content


def _names_object(error: Exception) -> bool:
    return any(word in str(error) for word in ("GLOBAL", "Unsupported class", "Unsupported operand", "REDUCE", "BUILD"))


class _TrainingRecord:
    """Placeholder for the training state in the released ``.ckpt``, whose code is never run."""

    def __new__(cls, *_: Any) -> _TrainingRecord:
        return super().__new__(cls)

    def __setstate__(self, state: Any) -> None:
        pass
