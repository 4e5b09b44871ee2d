"""A moving average of the trained weights, which is steadier than any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch


class MovingAverage:
    """Exponential moving average (Polyak and Juditsky 1992), warmed up so that the start is soon forgotten.

    Parameters
    ----------
    parameters : mapping of str to Parameter
    decay : float
        In the long run, (0, 1).
    """

    def __init__(self, parameters: Mapping[str, torch.nn.Parameter], decay: float) -> None:
        self._parameters, self.decay = parameters, decay
        self._average = {name: value.detach().clone() for name, value in parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights of a step, counted from 1."""
        decay = min(self.decay, step / (step + 10))
        for name, value in self._parameters.items():
            self._average[name].lerp_(value, 1 - decay)

    def weights(self) -> dict[str, torch.Tensor]:
        """The averages, on the CPU."""
        return {name: value.cpu().contiguous() for name, value in self._average.items()}

    def load(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take up averages; `KeyError` if one is missing."""
        for name, value in self._average.items():
            value.copy_(weights[name])

    def restart(self) -> None:
        """Begin anew from the weights as they are."""
        for name, value in self._average.items():
            value.copy_(self._parameters[name].detach())

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The averages in the models, for as long as this lasts."""
        own = {name: value.detach().clone() for name, value in self._parameters.items()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(own)

    def put(self) -> None:
        """The averages in the models, for good."""
        self._put(self._average)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, torch.Tensor]) -> None:
        for name, value in self._parameters.items():
            value.copy_(weights[name])
