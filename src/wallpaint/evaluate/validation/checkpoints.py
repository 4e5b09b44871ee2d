"""Finding the checkpoints of a training, ``RUN/checkpoint-000500/``, and checking whether they are intact."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from wallpaint.errors import MissingWeightsError, warn_of

LORA, IP_ADAPTER = "pytorch_lora_weights.safetensors", "ip_adapter.safetensors"
STATE = "training_state.json"  #: file of a checkpoint with the step, the configuration and a list of all other files
_NAME = re.compile(r"checkpoint-(\d+)")
_BLOCK = 1 << 20  # bytes per read


def checkpoint_step(folder: Path) -> int | None:
    """The step in a checkpoint's name; None if the name is not that of a checkpoint.

    >>> checkpoint_step(Path("run/checkpoint-000500"))
    500
    """
    match = _NAME.fullmatch(folder.resolve().name)
    return int(match[1]) if match else None


def checkpoints_in(run: Path) -> list[Path]:
    """All checkpoints of a run in the order of their steps, including damaged ones."""
    steps = {folder: checkpoint_step(folder) for folder in run.glob("checkpoint-*")}
    return sorted((folder for folder, step in steps.items() if step is not None), key=lambda folder: steps[folder] or 0)


def latest_checkpoint(run: Path) -> Path:
    """The checkpoint with the highest step that contains weights and is not damaged.

    Raises
    ------
    MissingWeightsError
        There is no such checkpoint.

    Warns
    -----
    WallpaintWarning
        A later checkpoint is damaged.
    """
    for folder in reversed(checkpoints_in(run)):
        damage = damage_of(folder) if (folder / STATE).exists() else ""  # only wallpaint writes STATE
        if damage:
            warn_of(folder, f"{damage}, so an earlier checkpoint is used.")
        elif any((folder / name).is_file() for name in (LORA, IP_ADAPTER)):
            return folder
    raise MissingWeightsError(
        run, "there is no checkpoint in it. Give the output folder of a training (--run), or --checkpoint DIR."
    )


def file_list(folder: Path) -> dict[str, dict[str, int]]:
    """Size in bytes and CRC-32 of every file in a folder, by relative path, for `damage_of`."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "crc32": _crc32(path)} for path in paths}


def damage_of(folder: Path) -> str:
    """Description of a checkpoint's damage, without a full stop; empty if all files are unchanged.

    After a power cut a file can be truncated, empty, or filled with zeros at its full length, so checksums are compared
    as well as sizes.
    """
    try:
        listed: Mapping[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))["files"]
        described = {name: about if isinstance(about, dict) else {"size": about} for name, about in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{STATE} is missing or damaged"
    for name, about in described.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if (size := path.stat().st_size) != about.get("size"):
            return f"{name} has {size:,} bytes of {about.get('size'):,}"
        if about.get("crc32", crc := _crc32(path)) != crc:
            return f"{name} does not hold what was written (its checksum differs)"
    return ""


def is_intact(folder: Path) -> bool:
    """Whether all files of a checkpoint exist and are unchanged."""
    return not damage_of(folder)


def _crc32(path: Path) -> int:
    about = path.stat()
    return _crc32_of(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=4096)  # a training checks its last checkpoints each time it saves one
def _crc32_of(path: Path, size: int, changed: int) -> int:
    checksum = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
