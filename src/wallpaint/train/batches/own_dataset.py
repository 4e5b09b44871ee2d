"""``--dataset-class``: the user's own dataset class, checked before training, with optional keys filled in."""

from __future__ import annotations

import importlib
import inspect
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from wallpaint.data.samples.sample import Sample
from wallpaint.data.storage.layout import Split
from wallpaint.errors import SettingError, WallpaintError

_REQUIRED = ("pixel_values", "mask", "reference_image", "dominant_color")
_SIGNED = ("pixel_values", "reference_image", "masked_image", "source_values")
_CLEARLY_OUTSIDE = 0.01  # tolerance beyond [-1, 1] or [0, 1]; rounding errors of resizing are smaller


class OwnDataset(Dataset[Sample]):
    """Samples of the user's dataset class, with all keys that training reads.

    The class is constructed with the arguments of `WallInpaintingDataset`. Its samples need four keys, as tensors or
    arrays: ``pixel_values`` (3, S, S) and ``reference_image`` (3, H, W) in [-1, 1], ``mask`` (1, S, S) or (S, S) in
    [0, 1], and ``dominant_color`` (R, G, B) in [0, 255]; S is `size`. Three keys have defaults: ``source_values`` is
    ``pixel_values``, ``masked_image`` is ``source_values`` with the wall blanked, and ``name`` contains the sample's
    index. ``depth``, (1, S, S) or (S, S) in [0, 1], is optional. Other keys are ignored.

    Parameters
    ----------
    name : str
        ``module.Class``.
    root : Path
        The data folder.
    split : {"train", "validation"}
        The split to read.
    size : int
        Width and height of a sample in pixels.
    arguments : mapping
        Further keyword arguments of the class.

    Attributes
    ----------
    inner : object
        The instance of the class.

    Raises
    ------
    SettingError
        The class cannot be imported or constructed, or it has no samples, or the first sample is invalid; the message
        gives the reason. Accessing another invalid sample raises the same error.
    """

    def __init__(self, name: str, root: Path, split: Split, size: int, arguments: Mapping[str, Any]) -> None:
        self.name, self.size = name, size
        self.inner = _made(name, root, split, size, arguments)
        for method in ("set_epoch", "own_epoch"):
            if hasattr(self.inner, method):
                setattr(self, method, getattr(self.inner, method))
        if not (hasattr(self.inner, "__len__") and hasattr(self.inner, "__getitem__")):
            raise SettingError(
                f"data.dataset_class {name} has no __len__ or no __getitem__. Define both to give samples by index."
            )
        if not len(self):
            raise SettingError(f"data.dataset_class {name} has no sample for {split} in {root}.")
        self[0]

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Sample:
        try:
            sample = self.inner[index]
        except WallpaintError:
            raise
        except Exception as error:
            raise SettingError(
                f"data.dataset_class {self.name}: sample {index} fails with {_described(error)}."
            ) from error
        return completed(sample, index, self.size, f"data.dataset_class {self.name}")


def completed(sample: Any, index: int, size: int, where: str) -> Sample:
    """A checked sample with default values for its optional keys, as tensors of the types that training reads.

    See `OwnDataset` for the keys. where : the dataset's name in error messages.

    Raises
    ------
    SettingError
        A key is missing, or its value has a wrong shape, type or range.
    """
    place = f"{where}: sample {index}"
    if not isinstance(sample, Mapping):
        raise SettingError(f"{place} is a {type(sample).__name__}: return a dict with {', '.join(_REQUIRED)}.")
    missing = [key for key in _REQUIRED if key not in sample]
    if missing:
        has = ", ".join(map(str, sample)) or "none"
        raise SettingError(f"{place} lacks {' and '.join(missing)}; its keys: {has}. Return {', '.join(_REQUIRED)}.")
    whole: dict[str, Any] = {key: _pictures(sample[key], key, place) for key in _SIGNED if key in sample}
    wall = _plane(sample["mask"], "mask", place) > 0.5
    for key, tensor in {**whole, "mask": wall}.items():
        if key != "reference_image" and tensor.shape[-2:] != (size, size):
            shape = " × ".join(map(str, tensor.shape[-2:]))
            raise SettingError(f"{place}: {key} is {shape} pixels, and data.size is {size}. Make them equal.")
    source = whole.setdefault("source_values", whole["pixel_values"])
    whole.setdefault("masked_image", source.masked_fill(wall, 0))
    whole |= {
        "mask": wall.float(),
        "dominant_color": _color(sample["dominant_color"], place),
        "name": str(sample.get("name", f"sample-{index:06d}")),
    }
    if sample.get("depth") is not None:
        whole["depth"] = _plane(sample["depth"], "depth", place)
    return whole  # type: ignore[return-value]


def _made(name: str, root: Path, split: Split, size: int, arguments: Mapping[str, Any]) -> Any:
    chosen = _imported(name)
    try:
        inspect.signature(chosen).bind(root, split, size, **arguments)
    except (TypeError, ValueError) as error:
        raise SettingError(
            f"data.dataset_class {name} does not accept the arguments of WallInpaintingDataset ({error}). Accept the "
            "same arguments."
        ) from error
    try:
        return chosen(root, split, size, **arguments)
    except WallpaintError:
        raise
    except Exception as error:
        cure = " Add one, or set validation.every to 0." if split == "validation" else ""
        raise SettingError(f"data.dataset_class {name} has no split {split}: {_described(error)}.{cure}") from error


def _imported(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise SettingError(
            f"data.dataset_class {name} cannot be imported ({error}). Run from the folder that holds {module}.py."
        ) from error


def _pictures(value: Any, key: str, place: str) -> torch.Tensor:
    tensor = _tensor(value, key, place)
    if tensor.ndim != 3 or tensor.shape[0] != 3:
        raise SettingError(f"{place}: {key} has the shape {tuple(tensor.shape)}; (3, height, width) is needed.")
    return _within(tensor, -1.0, key, place)


def _plane(value: Any, key: str, place: str) -> torch.Tensor:
    tensor = _tensor(value, key, place)
    tensor = tensor[None] if tensor.ndim == 2 else tensor
    if tensor.ndim != 3 or tensor.shape[0] != 1:
        raise SettingError(f"{place}: {key} has the shape {tuple(tensor.shape)}; (1, height, width) is needed.")
    return _within(tensor, 0.0, key, place)


def _color(value: Any, place: str) -> torch.Tensor:
    color = _tensor(value, "dominant_color", place).flatten()
    if len(color) != 3 or not bool(((color >= 0) & (color <= 255)).all()):
        raise SettingError(f"{place}: dominant_color is {color.tolist()}; three numbers from 0 to 255 are needed.")
    return color.round().to(torch.uint8)


def _within(tensor: torch.Tensor, low: float, key: str, place: str) -> torch.Tensor:
    """Check the range of a tensor; NaN is accepted here, because the training step skips and names such samples."""
    least, most = float(tensor.min()), float(tensor.max())
    if least < low - _CLEARLY_OUTSIDE or most > 1 + _CLEARLY_OUTSIDE:
        raise SettingError(f"{place}: {key} has values from {least:g} to {most:g}; [{low:g}, 1] is needed.")
    return tensor


def _tensor(value: Any, key: str, place: str) -> torch.Tensor:
    try:
        return torch.as_tensor(value).float()
    except (TypeError, ValueError, RuntimeError) as error:
        raise SettingError(f"{place}: {key} is a {type(value).__name__}; a tensor is needed.") from error


def _described(error: Exception) -> str:
    """The first line of an error of the user's code, with the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    message = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {message} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"
