"""The loop that the mini's recipes share: steps, a moving average, checkpoints that a killed run goes on from."""

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
Loss = Callable[[int, torch.Generator], torch.Tensor]  #: of a step and its random numbers
StepCallback = Callable[[int, float], None]  #: callback a step's number and loss


@dataclass(frozen=True)
class FitSettings:
    """How a model is fitted.

    Attributes
    ----------
    steps : int
    learning_rate : float
        Reached after `warmup` steps, held for two fifths of all, then lowered along a cosine to a hundredth: with so
        few steps the lowering does most of the work.
    betas : (float, float)
    weight_decay : float
    max_grad_norm : float
    average : float
        Decay of the moving average that is kept in the end.
    warmup : int
    keep_every : int
        Steps between checkpoints.
    seed : int
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

    def rate(self, step: int) -> float:
        """The learning rate of a step, from 0."""
        share = step / self.steps
        lowered = 1.0 if share < 0.4 else 0.5 * (1 + math.cos(math.pi * (share - 0.4) / 0.6)) + 0.01
        return self.learning_rate * min(1, (step + 1) / self.warmup) * lowered


def fit(model: torch.nn.Module, loss: Loss, how: FitSettings, folder: Path, callback: StepCallback | None = None) -> None:
    """FitSettings a model, or go on where a killed run was; in the end the model has the averaged weights.

    Parameters
    ----------
    model : torch.nn.Module
    loss : callable
        Every random number must come from the generator it is given, so that a step can be replayed.
    how : FitSettings
    folder : Path
        Of the checkpoint.
    callback : callable, optional

    Raises
    ------
    WeightsError
        The checkpoint is of another run.
    """
    parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW(
        parameters.values(), how.learning_rate, betas=how.betas, weight_decay=how.weight_decay, fused=True
    )
    average = MovingAverage(parameters, how.average)
    folder.mkdir(parents=True, exist_ok=True)
    first = _resume(folder / CHECKPOINT, how, model, optimizer, average)
    for step in range(first, how.steps):
        for group in optimizer.param_groups:
            group["lr"] = how.rate(step)
        value = loss(step, torch.Generator().manual_seed(seed_of(how.seed, step)))
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), how.max_grad_norm)
        optimizer.step()
        average.update(step + 1)
        if callback is not None:
            callback(step + 1, float(value.detach()))
        if (step + 1) % how.keep_every == 0 or step + 1 == how.steps:
            _keep(folder / CHECKPOINT, step + 1, how, model, optimizer, average)
    average.put()


def _keep(path: Path, step: int, how: FitSettings, model: Any, optimizer: Any, average: MovingAverage) -> None:
    buffer = io.BytesIO()
    state = {"step": step, "how": repr(how), "model": model.state_dict(), "average": average.weights()}
    torch.save({**state, "optimizer": optimizer.state_dict()}, buffer)
    write_files({path: buffer.getvalue()})


def _resume(path: Path, how: FitSettings, model: Any, optimizer: Any, average: MovingAverage) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["how"] != repr(how):
        raise WeightsError(path, "this is of a run with other settings. Move it away to start anew.")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    average.load(state["average"])
    return int(state["step"])
