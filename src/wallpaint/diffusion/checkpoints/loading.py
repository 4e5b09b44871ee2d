"""Loading weights, with one kind of error for the many ways a file can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from wallpaint.errors import MissingWeightsError, Source, WallpaintError, WeightsError


@contextmanager
def readable(path: Source, part: str) -> Iterator[None]:
    """Whatever a library raises while it reads this part becomes a `WeightsError` that names the file."""
    try:
        with quiet_libraries():
            yield
    except WallpaintError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:200].rstrip(". ")
        raise WeightsError(
            path, f"its {part} cannot be loaded ({reason}). If it is damaged, fetch it again."
        ) from error


def load_folder(model: Any, folder: Path, dtype: torch.dtype) -> Any:
    """A model from the folder that ``save_pretrained`` of its class wrote, frozen and in evaluation mode.

    model : a class of diffusers or transformers.

    Raises
    ------
    MissingWeightsError
        The folder holds no weights.
    WeightsError
        They are damaged or not all there; the libraries would leave the rest empty or random.
    """
    if not _weight_files(folder):
        raise MissingWeightsError(folder, "there are no weights beside config.json. Fetch the model again.")
    with readable(folder, "model"):
        loaded, report = model.from_pretrained(
            folder, torch_dtype=dtype, local_files_only=True, variant=_variant(folder), output_loading_info=True
        )
    if missing := sorted(report["missing_keys"]):
        raise WeightsError(folder, f"{len(missing)} of its weights are missing, {missing[0]} first. Fetch it again.")
    return loaded.requires_grad_(False).eval()


def _weight_files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix in (".safetensors", ".bin")]


def _variant(folder: Path) -> str | None:
    """The half-precision copy, where there is no other."""
    return "fp16" if all(".fp16." in name for name in _weight_files(folder)) else None


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Loading without the libraries' progress bars and remarks: what matters, we say ourselves."""
    loggers = (diffusers.utils.logging, transformers.utils.logging)
    levels = [logger.get_verbosity() for logger in loggers]
    bars = [logger.is_progress_bar_enabled() for logger in loggers]
    for logger in loggers:
        logger.set_verbosity_error()
        logger.disable_progress_bar()
    try:
        yield
    finally:
        for logger, level, bar in zip(loggers, levels, bars, strict=True):
            logger.set_verbosity(level)
            if bar:
                logger.enable_progress_bar()


def complete(module: torch.nn.Module) -> torch.nn.Module:
    """The module, all of whose weights were in the file.

    Raises
    ------
    ValueError
        Some were not; diffusers leaves those without storage and says nothing.
    """
    missing = [name for name, parameter in module.named_parameters() if parameter.is_meta]
    if missing:
        raise ValueError(f"{len(missing)} weights are missing, {missing[0]} first")
    return module
