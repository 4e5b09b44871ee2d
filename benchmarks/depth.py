"""Whether a depth ControlNet uses its map: error of the predicted noise within the wall, on rooms kept for validation.

    python benchmarks/depth.py ROOMS mini/model mini/model/controlnet

The noise in each sample is predicted without depth, with the room's own map, with the map of another room, and with its
own map mirrored. If all maps reduce the error equally, depth is not the cause.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from wallpaint.data import PaintedRoomsDataset, RoomAugmentation, collate
from wallpaint.data.samples.room_set import RoomSet
from wallpaint.diffusion import choose_precision
from wallpaint.rooms.generate import stored_rooms
from wallpaint.train import load_config
from wallpaint.train.batches.batch import Batch, LatentCache, encode_batch
from wallpaint.train.models.denoiser import Denoiser
from wallpaint.train.models.training_models import TrainingModels, load_training_models

SAMPLES, TOGETHER = 56, 28
TIMESTEPS = (950, 800, 600, 400, 200)


def main(rooms: Path, base: Path, controlnet: Path) -> None:
    models = load_models(base, controlnet)
    errors: dict[tuple[int, str], list[float]] = {}
    for number, batch in enumerate(batches(models, rooms)):
        generator = torch.Generator().manual_seed(number)
        for timestep in TIMESTEPS:
            noise = torch.randn(batch.latents.shape, generator=generator)
            for shown, depth in maps(batch).items():
                errors.setdefault((timestep, shown), []).extend(wall_errors(models, batch, timestep, noise, depth))
    for timestep in TIMESTEPS:
        without = np.array(errors[timestep, "none"])
        print(f"timestep {timestep}: {without.mean():.4f} without depth", end="")
        for shown in ("own", "another's", "mirrored"):
            change = 100 * (np.array(errors[timestep, shown]) / without - 1)
            print(f", {shown} {change.mean():+.2f} ± {change.std(ddof=1) / len(change) ** 0.5:.2f} %", end="")
        print()


def load_models(base: Path, controlnet: Path) -> TrainingModels:
    given = {"base": base, "adapter": base / "adapter", "controlnet": controlnet, "train": ["controlnet"]}
    config = load_config(None, [f"model.{key}={json.dumps(value, default=str)}" for key, value in given.items()])
    return load_training_models(config, choose_precision("fp32", torch.device("cpu")), torch.device("cpu"))


def batches(models: TrainingModels, rooms: Path) -> Iterator[Batch]:
    kept = RoomSet(stored_rooms(rooms), allow_bench=True).of_split("validation", 0.15).with_wall()
    samples = PaintedRoomsDataset(kept, 128, per_room=1, seed=5, recipe=RoomAugmentation(min_crop=0.7, mirror_prob=0.5))
    count = min(SAMPLES, len(samples))
    for first in range(0, count, TOGETHER):
        chosen = [samples[place] for place in range(first, min(first + TOGETHER, count))]
        yield encode_batch(models, collate(chosen), LatentCache(None))


def maps(batch: Batch) -> dict[str, torch.Tensor | None]:
    assert batch.depth is not None
    return {
        "none": None,
        "own": batch.depth,
        "another's": batch.depth.roll(1, 0),
        "mirrored": batch.depth.flip(-1),
    }


def wall_errors(
    models: TrainingModels, batch: Batch, timestep: int, noise: torch.Tensor, depth: torch.Tensor | None
) -> list[float]:
    """Mean square error within each sample's wall."""
    share, count = models.alphas_cumprod[timestep], len(noise)
    noisy = share.sqrt() * batch.latents + (1 - share).sqrt() * noise
    steps, prompt = torch.full((count,), timestep), models.prompt_embeds.expand(count, -1, -1)
    with torch.inference_mode():
        predicted = Denoiser(models.unet, models.controlnet)(
            noisy, steps, batch.mask, batch.masked_latents, prompt, batch.reference_embeds, depth
        )
    wall = batch.mask.expand_as(noise)
    errors: list[float] = (((predicted - noise) ** 2 * wall).sum((1, 2, 3)) / wall.sum((1, 2, 3))).tolist()
    return errors


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
