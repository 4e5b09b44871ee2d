"""Exponential moving average (EMA) of the trained weights, which varies less than the weights themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch


class MovingAverage:
    """Exponential moving average (Polyak and Juditsky 1992) with a warm-up: the decay starts low.

    The decay of step n is min(`decay`, n / (n + 10)).

    Parameters
    ----------
    parameters : mapping of str to Parameter
        The trained parameters by name.
    decay : float
        Decay after the warm-up, in (0, 1).
    """

    def __init__(self, parameters: Mapping[str, torch.nn.Parameter], decay: float) -> None:
        self._parameters, self.decay = parameters, decay
        self._average = {name: value.detach().clone() for name, value in parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Add the current weights to the averages; step : number of the optimizer step, from 1."""
        decay = min(self.decay, step / (step + 10))
        for name, value in self._parameters.items():
            self._average[name].lerp_(value, 1 - decay)

    def weights(self) -> dict[str, torch.Tensor]:
        """The averages by name, on the CPU."""
        return {name: value.cpu().contiguous() for name, value in self._average.items()}

    def load(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Replace the averages by stored ones; `KeyError` if one is missing."""
        for name, value in self._average.items():
            value.copy_(weights[name])

    def restart(self) -> None:
        """Set the averages to the current weights."""
        for name, value in self._average.items():
            value.copy_(self._parameters[name].detach())

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """A context in which the models have the averages as their weights."""
        own = {name: value.detach().clone() for name, value in self._parameters.items()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(own)

    def put(self) -> None:
        """Copy the averages into the models permanently."""
        self._put(self._average)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, torch.Tensor]) -> None:
        for name, value in self._parameters.items():
            value.copy_(weights[name])
