"""Loading models of diffusers and transformers from folders and single files, with one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from wallpaint.errors import MissingWeightsError, Source, WallpaintError, WeightsError

_FETCH_AGAIN = "If it is damaged, fetch it again."


@contextmanager
def readable(path: Source, part: str, cure: str = _FETCH_AGAIN) -> Iterator[None]:
    """Turn any error that a library raises while it reads `part` into a one-line `WeightsError` with `cure`."""
    try:
        with quiet_libraries():
            yield
    except WallpaintError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:200].rstrip(". ")
        raise WeightsError(path, f"its {part} cannot be loaded ({reason}). {cure}") from error


def load_folder(
    model_class: Any, folder: Path, dtype: torch.dtype, part: str = "model", cure: str = _FETCH_AGAIN
) -> Any:
    """Load a model from the folder that ``save_pretrained`` of its class wrote, frozen and in evaluation mode.

    Parameters
    ----------
    model_class : class
        A model class of diffusers or transformers.
    folder : Path
    dtype : torch.dtype
    part, cure : str
        How error messages name the model, and the last sentence of them.

    Raises
    ------
    MissingWeightsError
        The folder contains no weights.
    WeightsError
        The weights are damaged or incomplete; the libraries would leave missing ones empty or random.
    """
    with readable(folder, part, cure):
        names = [path.name for path in folder.iterdir() if path.suffix in (".safetensors", ".bin")]
        if not names:
            raise MissingWeightsError(folder, f"there are no weights of a {part} in this folder. {cure}")
        variant = "fp16" if all(".fp16." in name for name in names) else None  # only if there is no other copy
        loaded, report = model_class.from_pretrained(
            folder, torch_dtype=dtype, local_files_only=True, variant=variant, output_loading_info=True
        )
    if missing := sorted(report["missing_keys"]):
        raise WeightsError(folder, f"{len(missing):,} weights of its {part} are missing ({missing[0]} first). {cure}")
    return loaded.requires_grad_(False).eval()


def load_single_file(
    model_class: Any, weights: str | dict[str, torch.Tensor], config: Path, dtype: torch.dtype, **settings: Any
) -> Any:
    """Load a model from a single file or its content, frozen and in evaluation mode; use it within `readable`.

    Parameters
    ----------
    model_class : class
        A model class of diffusers.
    weights : str or dict
        Path of the file, or the tensors in it by name, which are removed from the dict.
    config : Path
        Folder with the model's configuration.
    dtype : torch.dtype
    **settings
        Changes to that configuration.

    Raises
    ------
    ValueError
        Weights are missing.
    """
    try:
        loaded = model_class.from_single_file(
            weights, config=str(config), torch_dtype=dtype, local_files_only=True, **settings
        )
    except NotImplementedError as error:  # torch cannot move a weight without storage
        raise ValueError("some of its weights are missing") from error
    return complete(loaded).requires_grad_(False).eval()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Turn off the libraries' progress bars and log messages; our own errors report what matters."""
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
    """Return the module if all of its weights were in the file.

    Raises
    ------
    ValueError
        Some were not. diffusers leaves those without storage and raises no error.
    """
    missing = [name for name, parameter in module.named_parameters() if parameter.is_meta]
    if missing:
        raise ValueError(f"{len(missing)} weights are missing, {missing[0]} first")
    return module
