"""Training of the edge network: from a folder of snapshots to its weights, resumable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from wallpaint.rooms import Snapshot
from wallpaint.train.mini.fitting import FitSettings, StepCallback
from wallpaint.train.networks.edge.network import EdgeNetwork
from wallpaint.train.networks.edge.objective import edge_loss, held_out_scores
from wallpaint.train.networks.edge.views import EdgeRoom, draw_edge_views
from wallpaint.train.networks.fit_on_views import ScoresCallback, fit_on_views

EDGE_FIT = FitSettings(
    steps=6000, learning_rate=3e-3, betas=(0.9, 0.98), weight_decay=1e-3, average=0.998, keep_every=500
)
BATCH = 32
_HELD_OUT_VIEWS = 256
_MEASURE_EVERY = 500


def train_edge(
    snapshots: Sequence[Snapshot],
    held_out: Sequence[Snapshot],
    folder: Path,
    settings: FitSettings = EDGE_FIT,
    batch: int = BATCH,
    *,
    start: EdgeNetwork | None = None,
    callback: StepCallback | None = None,
    scores_callback: ScoresCallback | None = None,
) -> EdgeNetwork:
    """Train the network, or resume a stopped run.

    The views of the next step are drawn in a second thread while this step is computed. All random numbers follow from
    the seed and the step's number.

    Parameters
    ----------
    snapshots, held_out : sequences of Snapshot
        Rooms to train on, and to measure on.
    folder : Path
        Folder of the checkpoint; a run whose checkpoint is there is resumed.
    settings : FitSettings
    batch : int
        Views in each step.
    start : EdgeNetwork, optional
        A trained network to start from.
    callback : callable, optional
        Called after each step with the number of steps done and the loss.
    scores_callback : callable, optional
        Called every 500 steps and at the end with the number of steps done and the held-out scores.

    Raises
    ------
    WeightsError
        The checkpoint in `folder` has other settings.
    """
    torch.manual_seed(settings.seed)
    network = EdgeNetwork() if start is None else start
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    rooms, held_out_rooms = ([room for each in some if (room := EdgeRoom.of(each))] for some in (snapshots, held_out))
    test = draw_edge_views(held_out_rooms, _HELD_OUT_VIEWS, np.random.default_rng(0))

    fit_on_views(
        network,
        lambda random: draw_edge_views(rooms, batch, random),
        lambda views, step: edge_loss(network, views),
        lambda: held_out_scores(network, test),
        settings,
        folder,
        measure_every=_MEASURE_EVERY,
        callback=callback,
        scores_callback=scores_callback,
    )
    return network.eval().requires_grad_(False)
