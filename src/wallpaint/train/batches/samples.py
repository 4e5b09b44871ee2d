"""The samples of a run: dataset, order and division among processes, so that a run can be resumed exactly."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from wallpaint.data import (
    IndexedWallDataset,
    PaintedRoomsDataset,
    PhotoAugmentation,
    ReferenceSettings,
    RoomAugmentation,
    WallInpaintingDataset,
)
from wallpaint.data.samples.room_set import RoomSet
from wallpaint.data.samples.sample import Sample
from wallpaint.data.storage.layout import Split
from wallpaint.errors import MissingFileError, SettingError, WallpaintError
from wallpaint.rooms.generate import stored_rooms
from wallpaint.rooms.starter import starter_paths
from wallpaint.train.batches.batch import Batch
from wallpaint.train.batches.encoded_samples import EncodedSamples
from wallpaint.train.batches.noise import seed_of
from wallpaint.train.batches.own_dataset import OwnDataset
from wallpaint.train.config.configuration import TrainingConfig
from wallpaint.worker_process import exit_with_parent

EpochIndex = tuple[int, int]  #: epoch and index of a sample


def training_dataset(config: TrainingConfig) -> Dataset[Any]:
    """The training split of a configuration.

    Raises
    ------
    MissingFileError, SettingError
        There is no data; or the dataset class does not exist, takes other arguments, or has invalid samples.
    """
    data = config.data
    if data.dataset_class is not None:
        return own_dataset(config, "train")
    if data.kind == "rooms":
        return _rooms(config)
    assert data.path is not None  # checked by the configuration
    if data.kind == "shards":
        return IndexedWallDataset(data.path, "train", data.size, **_photo_sample_settings(config))
    return WallInpaintingDataset(
        data.path, "train", data.size, validation_share=data.validation_share, **_photo_sample_settings(config)
    )


def _photo_sample_settings(config: TrainingConfig) -> dict[str, Any]:
    data = config.data
    return {
        "quality_threshold": data.quality_threshold,
        "seed": config.seed,
        "recipe": PhotoAugmentation(
            data.random_color_prob, data.min_crop, data.mirror_prob, data.mismatched_color_prob
        ),
        "reference": _reference(config),
    }


def _reference(config: TrainingConfig) -> ReferenceSettings:
    settings = config.training.reference.model_dump()
    return ReferenceSettings(**settings, mask_erosion_size=config.data.mask_erosion_size)


def own_dataset(config: TrainingConfig, split: Split) -> OwnDataset:
    """The dataset of `data.dataset_class`; raises as `OwnDataset` does."""
    data = config.data
    assert data.dataset_class is not None
    if data.path is None:
        raise SettingError("data.dataset_class needs a folder. Set it with --set data.path=FOLDER.")
    arguments = {"validation_share": data.validation_share, **_photo_sample_settings(config)}
    return OwnDataset(data.dataset_class, data.path, split, data.size, arguments)


def _rooms(config: TrainingConfig) -> PaintedRoomsDataset:
    data, rooms = config.data, config.data.rooms
    paths = starter_paths() if data.path is None else stored_rooms(data.path)
    if not paths:
        raise MissingFileError(data.path, "there are no rooms in it. Make some: wallpaint rooms render --out FOLDER")
    return PaintedRoomsDataset(
        RoomSet(paths, allow_bench=True).of_split("train", data.validation_share).with_wall(),
        data.size,
        per_room=rooms.per_room,
        seed=config.seed,
        recipe=RoomAugmentation(
            wallpaper_prob=rooms.wallpaper_prob,
            camera_prob=rooms.camera_prob,
            mask_degrade_prob=rooms.mask_degrade_prob,
            min_crop=data.min_crop,
            mirror_prob=data.mirror_prob,
            mismatched_color_prob=data.mismatched_color_prob,
        ),
        reference=_reference(config),
    )


class StepSampler(Sampler[list[EpochIndex]]):
    """The sample indices of one process's batches, from a given batch to the end of the run.

    The order of an epoch is a permutation from the seed (seed, epoch), the same on all processes. Each process takes
    its part of every batch. So the samples of a run do not depend on the number of processes, nor on the step at which
    it was stopped. A dataset smaller than one batch of all processes is repeated within an epoch.

    Parameters
    ----------
    length : int
        Number of samples in the dataset.
    batch_size : int
        Samples of a batch on each process.
    seed : int
        Seed of the run.
    first_batch, batches : int
        Number of the first batch, and the number of batches in the whole run.
    rank, world_size : int
        Number of this process from 0, and the number of processes.
    """

    def __init__(
        self,
        length: int,
        batch_size: int,
        seed: int,
        first_batch: int,
        batches: int,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.length, self.batch_size, self.seed = length, batch_size, seed
        self.first_batch, self.batches = first_batch, batches
        self.rank, self.global_batch_size = rank, batch_size * world_size

    def __len__(self) -> int:
        return self.batches - self.first_batch

    def __iter__(self) -> Iterator[list[EpochIndex]]:
        batches_per_epoch = max(1, self.length // self.global_batch_size)
        order, order_epoch = torch.empty(0), -1
        for batch in range(self.first_batch, self.batches):
            epoch, place = divmod(batch, batches_per_epoch)
            if epoch != order_epoch:
                order, order_epoch = self._order(epoch), epoch
            start = place * self.global_batch_size + self.rank * self.batch_size
            yield [(epoch, int(order[(start + offset) % self.length])) for offset in range(self.batch_size)]

    def _order(self, epoch: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed_of(self.seed, epoch))
        return torch.randperm(self.length, generator=generator)


class EpochIndexedDataset(Dataset[Any]):
    """A dataset indexed by epoch and sample index, so that one data loader covers all epochs of a run.

    samples : the dataset; redraw : whether samples differ between epochs; encoded : the cache of encoded samples.
    """

    def __init__(self, samples: Any, redraw: bool = True, encoded: EncodedSamples | None = None) -> None:
        self.samples, self.redraw = samples, redraw
        self.encoded = EncodedSamples(None) if encoded is None else encoded
        self._in_worker = False

    def __getitem__(self, place: EpochIndex) -> tuple[int, Sample | Batch | WallpaintError]:
        """The index, and the sample: encoded if the cache has it, or the error that reading it raised.

        Errors are returned, not raised, because torch adds a long traceback to errors of a worker.
        """
        epoch, index = place
        if (cached := self.encoded.get(index)) is not None:
            return index, cached
        epoch = epoch if self.redraw else 0
        if get_worker_info() is not None and not self._in_worker and hasattr(self.samples, "own_epoch"):
            self.samples.own_epoch()  # workers can be in different epochs
            self._in_worker = True
        if hasattr(self.samples, "set_epoch"):
            self.samples.set_epoch(epoch)
        try:
            return index, self.samples[index]
        except WallpaintError as error:
            return index, error


def sample_loader(
    samples: Any,
    config: TrainingConfig,
    first_batch: int,
    batches: int,
    rank: int = 0,
    world_size: int = 1,
    encoded: EncodedSamples | None = None,
) -> DataLoader[Any]:
    """A loader of the batches `first_batch` to `batches` - 1 of a run on one process.

    Each batch is a list of `EpochIndexedDataset` items.

    Raises
    ------
    SettingError
        The dataset has no sample.
    """
    if not len(samples):
        raise SettingError("there is no sample in the training data. Check the data with 'wallpaint data check'.")
    size = config.optimization.batch_size
    sampler = StepSampler(len(samples), size, config.seed, first_batch, batches, rank, world_size)
    workers = config.data.workers
    return DataLoader(
        EpochIndexedDataset(samples, config.data.redraw, encoded),
        batch_sampler=sampler,
        num_workers=workers,
        collate_fn=list,
        worker_init_fn=_init_worker,
    )


def _init_worker(worker: int) -> None:
    """Make a worker exit with the training process, and only then.

    torch watches the wrong parent process if workers are started by a fork server. Ctrl-C is ignored because the
    terminal sends it to every process, and the training process needs samples to finish the current step.
    """
    exit_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
