"""Memory of a training: peak usage, and error messages for out of memory."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from wallpaint.errors import WallpaintError
from wallpaint.train.config.configuration import TrainingConfig

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "KB": 2**10, "MB": 2**20, "GB": 2**30}
_SIZE = r"([\d.]+) (bytes|[KMGT]i?B)"
_TRIED = re.compile(rf"[Tt]ried to allocate {_SIZE}")
_HELD = re.compile(rf"{_SIZE} is allocated by PyTorch|MPS allocated: {_SIZE}")
_AVAILABLE = re.compile(rf"total capacity of {_SIZE}|max allowed: {_SIZE}")
_WORDS = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")


def peak_memory() -> int:
    """Peak memory of this process in bytes: of the GPU if there is one, else main memory."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource  # not on Windows

    in_bytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * in_bytes


@contextmanager
def memory_faults(config: TrainingConfig) -> Iterator[None]:
    """Convert torch's out-of-memory errors to a `WallpaintError`; other errors are not changed.

    The message has the memory that is needed at least, if torch reports it, and the settings that reduce it.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if not (isinstance(error, MemoryError) or any(words in str(error) for words in _WORDS)):
            raise
        raise WallpaintError(f"out of memory{_needed(str(error))}. {_cure(config)}") from error


def _needed(message: str) -> str:
    tried, held, there = (_bytes(pattern.search(message)) for pattern in (_TRIED, _HELD, _AVAILABLE))
    if tried is None:
        return ""
    if held is None:
        held = peak_memory()
    size = f": at least {_gib(held + tried)} are needed"
    return size if there is None else f"{size}, {_gib(there)} are available"


def _bytes(match: re.Match[str] | None) -> float | None:
    if match is None:
        return None
    number, unit = (group for group in match.groups() if group is not None)
    return float(number) * _UNITS[unit]


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"


def _cure(config: TrainingConfig) -> str:
    section, cures = config.optimization, []
    if not section.gradient_checkpointing:
        cures.append("set optimization.gradient_checkpointing=true")
    if section.batch_size > 1:
        cures.append(
            f"lower optimization.batch_size ({section.batch_size} now) and raise gradient_accumulation_steps by as much"
        )
    if not cures:
        cures.append(f"lower data.size ({config.data.size} now; optimization.batch_size is 1 already)")
    sentence = ", or ".join(cures)
    return f"{sentence[0].upper()}{sentence[1:]}."
