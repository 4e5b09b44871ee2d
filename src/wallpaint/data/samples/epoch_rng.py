"""What is random in a dataset: from a seed, the epoch and the sample alone, whichever worker asks and in what order."""

from __future__ import annotations

import numpy as np

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    import torch


class EpochDraws:
    """A dataset's part that draws.

    Attributes
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        # shared, so that workers that live on from epoch to epoch (persistent_workers) see it change
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    @property
    def epoch(self) -> int:
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Change what is drawn; call it before iterating over the loader."""
        self._epoch.fill_(epoch)

    def own_epoch(self) -> None:
        """Share the epoch with no other process any more: for a worker that is told it with every sample."""
        self._epoch = self._epoch.clone()

    def _draws_of_shot(self, key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch, key, 0])

    def _draws_of_swatch(self, key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch, key, 1])
