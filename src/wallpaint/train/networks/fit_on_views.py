"""Training on views that are drawn in a second thread, with scores on held-out rooms now and then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from wallpaint.train.mini.fitting import FitSettings, StepCallback, fit

Views = TypeVar("Views")
ScoresCallback = Callable[[int, dict[str, float]], None]  #: called with the steps done and the held-out scores


def fit_on_views(
    network: torch.nn.Module,
    draw: Callable[[np.random.Generator], Views],
    loss: Callable[[Views, int], torch.Tensor],
    measure: Callable[[], dict[str, float]],
    settings: FitSettings,
    folder: Path,
    *,
    measure_every: int,
    callback: StepCallback | None = None,
    scores_callback: ScoresCallback | None = None,
) -> None:
    """Train a network in place, or resume a stopped run; see `fit`.

    The views of the next step are drawn in a second thread while this step is computed. All random numbers follow from
    the seed and the step's number, so a resumed run equals an uninterrupted one.

    Parameters
    ----------
    network : torch.nn.Module
    draw : callable
        draw(random): the views of one step.
    loss : callable
        loss(views, step), steps counted from 0.
    measure : callable
        Scores of the network as it is now, by name.
    settings : FitSettings
    folder : Path
        Folder of the checkpoint.
    measure_every : int
        Steps between scores.
    callback, scores_callback : callables, optional
        Called after each step with the number of steps done and the loss; and every `measure_every` steps and at the
        end with the number of steps done and the scores.

    Raises
    ------
    WeightsError
        The checkpoint in `folder` has other settings.
    """
    with ThreadPoolExecutor(1) as executor:
        pending: dict[int, Future[Views]] = {}

        def request(step: int) -> None:
            if step not in pending and step < settings.steps:
                pending[step] = executor.submit(draw, np.random.default_rng([settings.seed, step]))

        def step_loss(step: int, generator: torch.Generator) -> torch.Tensor:
            request(step)
            request(step + 1)
            return loss(pending.pop(step).result(), step)

        def after_step(done: int, value: float) -> None:
            if callback is not None:
                callback(done, value)
            if scores_callback is not None and done < settings.steps and done % measure_every == 0:
                scores_callback(done, measure())

        fit(network, step_loss, settings, folder, after_step)
    if scores_callback is not None:
        scores_callback(settings.steps, measure())
