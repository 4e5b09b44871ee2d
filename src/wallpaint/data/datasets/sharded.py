"""Iterable dataset over shards; each process and each worker reads its own shards."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain, starmap
from pathlib import Path

from wallpaint.data.samples.from_photos import PhotoAugmentation
from wallpaint.data.samples.photo_sampler import PhotoSampler
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.sample import Sample
from wallpaint.data.storage.layout import Split
from wallpaint.data.storage.shards import read_shard, shard_counts
from wallpaint.errors import SettingError, Source
from wallpaint.optional import needs_extra

with needs_extra("train", "Shards"):
    import webdataset
    from torch.utils.data import IterableDataset, get_worker_info


class ShardedWallDataset(PhotoSampler, IterableDataset[Sample]):
    """The samples of `WallInpaintingDataset`, in another order: with the same seed and epoch, the same tensors by name.

    In each epoch the shards are shuffled and divided among the processes, then among the workers of each; samples are
    shuffled in a buffer. No sample is read twice in an epoch.

    Parameters
    ----------
    root : path
        Written by `write_shards`.
    split, size, quality_threshold, seed, recipe, reference
        As for `WallInpaintingDataset`.
    shuffle_buffer : int
        Size of the shuffle buffer in samples, stored undecoded; 1 keeps the order within a shard.
    rank, world_size : int
        Number of this process, and of all processes. Do not let accelerate split the loader again: leave it out of
        `prepare`. Processes may get different numbers of samples: count steps, not epochs.

    Raises
    ------
    MissingFileError, FileError
        There are no shards; on iteration, one is missing or damaged.
    SettingError
        Fewer shards than processes, or an invalid rank.
    """

    def __init__(
        self,
        root: Source,
        split: Split = "train",
        size: int = 512,
        *,
        quality_threshold: float = 0.6,
        seed: int = 0,
        recipe: PhotoAugmentation | None = None,
        reference: ReferenceSettings | None = None,
        shuffle_buffer: int = 256,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(size, seed, recipe, reference)
        if not 0 <= rank < world_size:
            raise SettingError(f"rank {rank} is not one of {world_size} processes, which count from 0.")
        self.shards = sorted(shard_counts(root, split).items())
        if len(self.shards) < world_size:
            raise SettingError(
                f"{root}: {len(self.shards)} shards of {split} cannot be divided among {world_size} processes. "
                "Write smaller ones: wallpaint data shards --per-shard."
            )
        self.quality_threshold, self.shuffle_buffer = quality_threshold, max(1, shuffle_buffer)
        self.rank, self.world_size = rank, world_size

    def __iter__(self) -> Iterator[Sample]:
        worker = get_worker_info()
        number, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        mine = self._order_of_shards()[self.rank :: self.world_size][number::workers]
        stored = chain.from_iterable(starmap(read_shard, mine))
        good = (sample for sample in stored if sample.quality_score >= self.quality_threshold)
        draws = random.Random(f"{self.seed}/{self.epoch}/{self.rank}/{number}")
        for sample in webdataset.shuffle(self.shuffle_buffer, initial=self.shuffle_buffer, rng=draws)(good):
            yield self.sample_of(sample.name, sample.decode)

    def _order_of_shards(self) -> list[tuple[Path, int]]:
        """The same in every process and worker."""
        return random.Random(f"{self.seed}/{self.epoch}").sample(self.shards, len(self.shards))
