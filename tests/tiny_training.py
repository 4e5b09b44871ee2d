"""Trainings of a tiny random model on made-up walls: a second or two each, and plumbing only."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from wallpaint.data.samples.epoch_rng import EpochRng
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.sample import Sample, make_sample
from wallpaint.train import TrainingConfig, load_config


class Walls(EpochRng, Dataset[Sample]):
    """Ten walls in paints drawn by seed, epoch and index, with depth; made as `WallInpaintingDataset` is."""

    def __init__(self, root: Path, split: str, size: int, *, seed: int, reference: ReferenceSettings, **_: Any) -> None:
        super().__init__(seed)
        self.size, self.reference = size, reference

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Sample:
        draws = self._shot_rng(index)
        source = draws.integers(60, 200, (self.size, self.size, 3)).astype(np.uint8)
        mask = np.zeros((self.size, self.size), np.float32)
        mask[: 8 * int(draws.integers(3, 7)), : 8 * int(draws.integers(4, 8))] = 1
        color = tuple(int(value) for value in draws.integers(0, 256, 3))
        target = np.where(mask[..., None] > 0.5, np.array(color, np.uint8), source)
        depth = draws.random((self.size, self.size), dtype=np.float32)
        return make_sample(f"wall-{index}", target, mask, color, self.reference, draws, depth=depth, source=source)


class DamagedWalls(Walls):
    """The fourth sample has NaN pixels."""

    def __getitem__(self, index: int) -> Sample:
        sample = super().__getitem__(index)
        if index == 3:
            sample["pixel_values"] = torch.full_like(sample["pixel_values"], torch.nan)
        return sample


class RuinedWalls(DamagedWalls):
    """All have."""

    def __getitem__(self, index: int) -> Sample:
        return super().__getitem__(3)


class ShallowWalls(Walls):
    """Without depth."""

    def __getitem__(self, index: int) -> Sample:
        sample = super().__getitem__(index)
        del sample["depth"]
        return sample


def tiny_words(model: Path, output: Path, *more: str, walls: str = "Walls") -> list[str]:
    """Overrides of ``configs/mini.yaml`` for a tiny training in float32, without validation; `more` wins."""
    return [
        f"model.base={model}",
        "model.ip_adapter=null",
        "model.color_tokens=false",
        "model.lora={rank: 4, alpha: 6}",
        f"data.dataset_class=tiny_training.{walls}",
        f"data.path={model}",  # of which the walls make no use
        "data.size=64",
        "data.redraw=true",
        "optimization.batch_size=4",
        "optimization.max_steps=6",
        "optimization.warmup_steps=2",
        "optimization.mixed_precision=no",
        "validation.every=0",
        f"validation.folder={output / 'grids'}",
        "validation.num_validation_samples=2",
        "validation.steps=1",
        "checkpoints.every=0",
        "trackers=[]",
        f"output={output}",
        *more,
    ]


def tiny_config(model: Path, output: Path, *more: str, walls: str = "Walls") -> TrainingConfig:
    return load_config(None, tiny_words(model, output, *more, walls=walls))


def train_by_command(words: list[str], said: Path) -> None:
    """``wallpaint train WORDS``, for a process of its own; what it says goes to a file."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    torch.set_num_threads(1)
    sys.argv = ["wallpaint", "train", *words]
    from wallpaint.cli import main

    main()
