"""Training of the interreflection network: from a folder of rooms to its weights, resumable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from wallpaint.train.mini.fitting import FitSettings, StepCallback
from wallpaint.train.networks.fit_on_views import fit_on_views
from wallpaint.train.networks.interreflection.network import InterreflectionNetwork, import_network
from wallpaint.train.networks.interreflection.objective import held_out_errors, interreflection_loss
from wallpaint.train.networks.interreflection.room_maps import RoomMaps
from wallpaint.train.networks.interreflection.views import TrainingViews, draw_views

INTERREFLECTION_FIT = FitSettings(steps=8000, learning_rate=2e-3, betas=(0.9, 0.98), weight_decay=1e-2, average=0.998)

BATCH = 8
_MEASURE_EVERY = 250
ErrorsCallback = Callable[[int, dict[str, float]], None]  #: called with the steps done and the held-out errors


def train_interreflection(
    rooms: RoomMaps,
    held_out: RoomMaps,
    folder: Path,
    settings: FitSettings = INTERREFLECTION_FIT,
    batch: int = BATCH,
    *,
    start: Path | None = None,
    callback: StepCallback | None = None,
    errors_callback: ErrorsCallback | None = None,
) -> InterreflectionNetwork:
    """Train the network from scratch or from exported weights, or resume a stopped run.

    The views of the next step are drawn in a second thread while this step is computed. All random numbers follow from
    the seed and the step's number, so a resumed run equals an uninterrupted one.

    Parameters
    ----------
    rooms : RoomMaps
        Rooms to train on.
    held_out : RoomMaps
        Rooms to measure on.
    folder : Path
        Folder of the checkpoint; a run whose checkpoint is there is resumed.
    settings : FitSettings
    batch : int
        Views in each step.
    start : Path, optional
        Weights to start from; random ones by default.
    callback : callable, optional
        Called after each step with the number of steps done and the loss.
    errors_callback : callable, optional
        Called every 250 steps and at the end with the number of steps done and the held-out errors.

    Raises
    ------
    WeightsError
        `start` is damaged or has other tensors, or the checkpoint in `folder` has other settings.
    """
    torch.manual_seed(settings.seed)
    network = InterreflectionNetwork()
    if start is not None:
        import_network(start, network)
    test = draw_views(held_out, min(2 * len(held_out), 40), np.random.default_rng(0), plain=True)

    def loss(views: TrainingViews, step: int) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(views.inputs)
        return interreflection_loss(outputs, views)

    fit_on_views(
        network,
        lambda random: draw_views(rooms, batch, random),
        loss,
        lambda: measure(network, test),
        settings,
        folder,
        measure_every=_MEASURE_EVERY,
        callback=callback,
        scores_callback=errors_callback,
    )
    return network.eval().requires_grad_(False)


@torch.no_grad()
def measure(network: InterreflectionNetwork, views: TrainingViews) -> dict[str, float]:
    """Errors of a network on held-out views, see `held_out_errors`."""
    return held_out_errors(network(views.inputs), views)
