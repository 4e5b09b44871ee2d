"""A training that takes a second: a tiny base that nobody has made an adapter for, and two small rooms."""

from __future__ import annotations

from pathlib import Path

import tiny_models
from cropped_room import cropped_room

from wallpaint.rooms.generate import room_path


def bare_base(folder: Path) -> Path:
    """A tiny model without IP-Adapter, and without tokenizer."""
    tiny_models.save_tiny_model(folder)
    (folder / "ip_adapter.safetensors").unlink()
    return folder


def two_rooms(folder: Path) -> Path:
    """Of which a share of a tenth reserves the second for validation."""
    for seed in (2, 8000):
        cropped_room(2, 0, 32, 96, seed=seed).save(room_path(folder, seed))
    return folder


def overrides(base: Path, rooms: Path, **more: object) -> list[str]:
    """For `load_config`: two steps of two samples, everything trained; `more` with ``__`` for a dot."""
    chosen = {
        "trackers": "[]",
        "model.base": base,
        "model.ip_adapter": "new",
        "model.train": "[lora, ip_adapter_projection, ip_adapter_attention]",
        "data.path": rooms,
        "data.size": 64,
        "optimization.batch_size": 2,
        "optimization.max_steps": 2,
        "optimization.mixed_precision": "no",
        "optimization.ema_decay": "null",
        "validation.every": 0,
        "validation.steps": 1,
        "validation.num_validation_samples": 1,
        "checkpoints.every": 1,
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    return [f"{key}={value}" for key, value in chosen.items()]
