"""The samples of a run: which ones, in what order, on which process, so that a run can be taken up again."""

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

Place = tuple[int, int]  #: epoch, index


def training_dataset(config: TrainingConfig) -> Dataset[Any]:
    """The training split that a configuration means.

    Raises
    ------
    MissingFileError, SettingError
        There is no data, or no such class, or it takes other arguments, or its samples lack what they need.
    """
    data = config.data
    if data.dataset_class is not None:
        return own_dataset(config, "train")
    if data.kind == "rooms":
        return _rooms(config)
    assert data.path is not None  # the configuration asks for it
    if data.kind == "shards":
        return IndexedWallDataset(data.path, "train", data.size, **_how_photos_become_samples(config))
    return WallInpaintingDataset(
        data.path, "train", data.size, validation_share=data.validation_share, **_how_photos_become_samples(config)
    )


def _how_photos_become_samples(config: TrainingConfig) -> dict[str, Any]:
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
    shown = config.training.reference.model_dump()
    return ReferenceSettings(**shown, mask_erosion_size=config.data.mask_erosion_size)


def own_dataset(config: TrainingConfig, split: Split) -> OwnDataset:
    """The dataset of `data.dataset_class`; raises as `OwnDataset` does."""
    data = config.data
    assert data.dataset_class is not None
    if data.path is None:
        raise SettingError("data.dataset_class needs a folder: give it as --set data.path=FOLDER.")
    arguments = {"validation_share": data.validation_share, **_how_photos_become_samples(config)}
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


class StepSampler(Sampler[list[Place]]):
    """Places of one process's batches, from one batch of the run to its end.

    All processes walk through one order, each epoch's by a permutation drawn from (seed, epoch), and each takes its
    part of every batch: what a run sees does not depend on how many processes share it, or on where it was stopped. A
    dataset smaller than one batch of all processes is gone through several times an epoch.

    Parameters
    ----------
    length : int
        Of the dataset.
    batch_size : int
        On each process.
    seed : int
    first_batch, batches : int
        The first to give, and the number of the run's last plus one.
    rank, world_size : int
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
        self.rank, self.together = rank, batch_size * world_size

    def __len__(self) -> int:
        return self.batches - self.first_batch

    def __iter__(self) -> Iterator[list[Place]]:
        an_epoch = max(1, self.length // self.together)
        order, of_epoch = torch.empty(0), -1
        for batch in range(self.first_batch, self.batches):
            epoch, place = divmod(batch, an_epoch)
            if epoch != of_epoch:
                order, of_epoch = self._order(epoch), epoch
            start = place * self.together + self.rank * self.batch_size
            yield [(epoch, int(order[(start + offset) % self.length])) for offset in range(self.batch_size)]

    def _order(self, epoch: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed_of(self.seed, epoch))
        return torch.randperm(self.length, generator=generator)


class AnyEpoch(Dataset[Any]):
    """A dataset asked by epoch and index, so that one loader serves a whole run.

    samples : the dataset; redraw : whether its epochs differ; encoded : samples that need not be made any more.
    """

    def __init__(self, samples: Any, redraw: bool = True, encoded: EncodedSamples | None = None) -> None:
        self.samples, self.redraw = samples, redraw
        self.encoded = EncodedSamples(None) if encoded is None else encoded
        self._in_worker = False

    def __getitem__(self, place: Place) -> tuple[int, Sample | Batch | WallpaintError]:
        """The sample's index, and the sample, encoded if it was before, or why there is none.

        An error is given back instead of raised: torch would wrap one of a worker in pages of traceback.
        """
        epoch, index = place
        if (known := self.encoded.get(index)) is not None:
            return index, known
        epoch = epoch if self.redraw else 0
        if get_worker_info() is not None and not self._in_worker and hasattr(self.samples, "own_epoch"):
            self.samples.own_epoch()  # workers may be an epoch apart
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
    """Batches `first_batch` to `batches` of a run, on one process: lists of what `AnyEpoch` gives.

    Raises
    ------
    SettingError
        There is no sample.
    """
    if not len(samples):
        raise SettingError("there is no sample in the training's data. Look at it with 'wallpaint data check'.")
    size = config.optimization.batch_size
    sampler = StepSampler(len(samples), size, config.seed, first_batch, batches, rank, world_size)
    workers = config.data.workers
    return DataLoader(
        AnyEpoch(samples, config.data.redraw, encoded),
        batch_sampler=sampler,
        num_workers=workers,
        collate_fn=list,
        worker_init_fn=_live_as_the_trainer,
    )


def _live_as_the_trainer(worker: int) -> None:
    """No longer: torch watches the wrong process where workers come of a fork server. Nor shorter: Ctrl-C reaches every
    process of a terminal, and the one that trains still needs samples for the step at hand."""
    exit_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
