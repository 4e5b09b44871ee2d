"""Checkpoints of a training, as far as validation needs them: ``RUN/checkpoint-000500/``."""

from __future__ import annotations

import re
from pathlib import Path

from wallpaint.errors import MissingWeightsError

LORA, IP_ADAPTER = "pytorch_lora_weights.safetensors", "ip_adapter.safetensors"
_NAME = re.compile(r"checkpoint-(\d+)")


def checkpoint_step(folder: Path) -> int | None:
    """The step that a checkpoint's name tells.

    >>> checkpoint_step(Path("run/checkpoint-000500"))
    500
    """
    match = _NAME.fullmatch(folder.resolve().name)
    return int(match[1]) if match else None


def latest_checkpoint(run: Path) -> Path:
    """The checkpoint of the highest step that has weights in it; `MissingWeightsError` where there is none."""
    steps = {folder: checkpoint_step(folder) for folder in run.glob("checkpoint-*")}
    whole = [
        (step, folder)
        for folder, step in steps.items()
        if step is not None and any((folder / name).is_file() for name in (LORA, IP_ADAPTER))
    ]
    if not whole:
        raise MissingWeightsError(
            run, "there is no checkpoint in it. Name the folder a training writes to (--run), or --checkpoint DIR."
        )
    return max(whole)[1]
