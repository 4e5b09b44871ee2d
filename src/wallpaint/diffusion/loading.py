"""Loading weights, with one kind of error for the many ways a file can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diffusers
import torch
import transformers

from wallpaint.errors import WallpaintError, WeightsError


@contextmanager
def readable(path: Path, part: str) -> Iterator[None]:
    """Whatever a library raises while it reads this part becomes a `WeightsError` that names the file."""
    try:
        with quiet_libraries():
            yield
    except WallpaintError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise WeightsError(path, f"its {part} cannot be loaded ({reason[:200]}).") from error


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
