"""Reading ``training_log.jsonl``, which has one line for each logged step of a training."""

from __future__ import annotations

import json
from pathlib import Path

TRAINING_LOG = "training_log.jsonl"


def read_losses(path: Path) -> dict[int, float]:
    """The losses by step, from lines such as ``{"step": 10, "loss": 0.12, "learning_rate": 1e-4}``.

    Incomplete lines, left by killed runs, are skipped. If a resumed run logged a step again, the last line counts.
    """
    entries = map(_parsed, path.read_text(encoding="utf-8", errors="replace").splitlines())
    return dict(entry for entry in entries if entry is not None)


def _parsed(line: str) -> tuple[int, float] | None:
    try:
        entry = json.loads(line)
        return int(entry["step"]), float(entry["loss"])
    except (ValueError, TypeError, KeyError):
        return None
