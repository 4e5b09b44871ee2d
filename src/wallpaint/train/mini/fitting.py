"""Training loop of the small models: AdamW, learning rate schedule, moving average, checkpoints to resume from."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from wallpaint.errors import WeightsError
from wallpaint.photo import write_files
from wallpaint.train.batches.noise import seed_of
from wallpaint.train.models.ema import MovingAverage

CHECKPOINT = "checkpoint.pt"
Loss = Callable[[int, torch.Generator], torch.Tensor]  #: from a step, counted from 0, and its random numbers
StepCallback = Callable[[int, float], None]  #: called with the number of steps done and the loss


@dataclass(frozen=True)
class FitSettings:
    """Settings of a training run.

    Attributes
    ----------
    steps : int
        Number of training steps.
    learning_rate : float
        Highest learning rate. It is reached after `warmup` steps, held for two fifths of all steps, then lowered along
        a cosine to a hundredth; with so few steps most of the progress is made while it falls.
    betas : (float, float)
        AdamW's decay rates.
    weight_decay : float
        AdamW's weight decay.
    max_grad_norm : float
        Gradients with a larger norm are scaled down to it.
    average : float
        Decay of the moving average of the weights, (0, 1); the averaged weights are the result.
    warmup : int
        Steps over which the learning rate rises from 0.
    keep_every : int
        Steps between checkpoints.
    seed : int
        Seed of all random numbers.
    slower : tuple of (str, float)
        Starts of parameters' names, and the factor of their learning rate: pretrained layers are changed less.
    """

    steps: int
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 1e-3
    max_grad_norm: float = 1.0
    average: float = 0.995
    warmup: int = 100
    keep_every: int = 200
    seed: int = 0
    slower: tuple[tuple[str, float], ...] = ()

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        share = step / self.steps
        lowered = 1.0 if share < 0.4 else 0.5 * (1 + math.cos(math.pi * (share - 0.4) / 0.6)) + 0.01
        return self.learning_rate * min(1, (step + 1) / self.warmup) * lowered


def fit(
    model: torch.nn.Module, loss: Loss, settings: FitSettings, folder: Path, callback: StepCallback | None = None
) -> None:
    """Train a model in place, or resume a stopped run; at the end the model holds the averaged weights.

    Parameters
    ----------
    model : torch.nn.Module
    loss : callable
        Must take every random number from the generator it is given, so that a step can be replayed.
    settings : FitSettings
    folder : Path
        Folder of the checkpoint.
    callback : callable, optional
        Called after each step with the number of steps done and the loss.

    Raises
    ------
    WeightsError
        The checkpoint in the folder belongs to a run with other settings.
    """
    parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
    factors = {name: _factor(name, settings) for name in parameters}
    optimizer = torch.optim.AdamW(
        [
            {"params": [value for name, value in parameters.items() if factors[name] == factor], "factor": factor}
            for factor in dict.fromkeys(factors.values())
        ],
        settings.learning_rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=True,
    )
    average = MovingAverage(parameters, settings.average)
    folder.mkdir(parents=True, exist_ok=True)
    first = _resume(folder / CHECKPOINT, settings, model, optimizer, average)
    for step in range(first, settings.steps):
        for group in optimizer.param_groups:
            group["lr"] = settings.rate(step) * group["factor"]
        value = loss(step, torch.Generator().manual_seed(seed_of(settings.seed, step)))
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), settings.max_grad_norm)
        optimizer.step()
        average.update(step + 1)
        if callback is not None:
            callback(step + 1, float(value.detach()))
        if (step + 1) % settings.keep_every == 0 or step + 1 == settings.steps:
            _save(folder / CHECKPOINT, step + 1, settings, model, optimizer, average)
    average.put()


def _save(path: Path, step: int, settings: FitSettings, model: Any, optimizer: Any, average: MovingAverage) -> None:
    buffer = io.BytesIO()
    state = {"step": step, "how": _stored(settings), "model": model.state_dict(), "average": average.weights()}
    torch.save({**state, "optimizer": optimizer.state_dict()}, buffer)
    write_files({path: buffer.getvalue()})


def _resume(path: Path, settings: FitSettings, model: Any, optimizer: Any, average: MovingAverage) -> int:
    """Load a checkpoint; returns the first step to run, 0 without a checkpoint."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["how"] != _stored(settings):
        raise WeightsError(
            path, "this checkpoint belongs to a run with other settings. Move it away to start a new run."
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    average.load(state["average"])
    return int(state["step"])


def _factor(name: str, settings: FitSettings) -> float:
    return next((factor for start, factor in settings.slower if name.startswith(start)), 1.0)


def _stored(settings: FitSettings) -> str:
    """The settings as checkpoints hold them, under the name and with the fields that earlier ones had."""
    return repr(settings).replace("FitSettings", "Fit", 1).replace(", slower=()", "")
