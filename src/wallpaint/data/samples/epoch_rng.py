"""Random generators of a dataset, each seeded by (seed, epoch, sample) only: independent of workers and order."""

from __future__ import annotations

import numpy as np

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    import torch


class EpochRng:
    """Base of datasets with random samples.

    Attributes
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        # shared memory, so that persistent workers see a new epoch
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    @property
    def epoch(self) -> int:
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, which changes all random numbers; call it before iterating over the loader."""
        self._epoch.fill_(epoch)

    def own_epoch(self) -> None:
        """Stop sharing the epoch with other processes: for a worker that gets the epoch with every sample."""
        self._epoch = self._epoch.clone()

    def _shot_rng(self, key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch, key, 0])

    def _swatch_rng(self, key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch, key, 1])
