"""Training of the networks that find walls: from a folder of snapshots to their weights, resumable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from wallpaint.rooms import Snapshot
from wallpaint.train.mini.fitting import FitSettings, StepCallback
from wallpaint.train.networks.fit_on_views import ScoresCallback, fit_on_views
from wallpaint.train.networks.wall.objective import WallNetworks, held_out_scores, wall_loss
from wallpaint.train.networks.wall.pretrained import load_encoder
from wallpaint.train.networks.wall.views import WallViews, draw_wall_views

WALL_FIT = FitSettings(
    steps=4500,
    learning_rate=1e-3,
    betas=(0.9, 0.98),
    weight_decay=1e-2,
    average=0.998,
    slower=(("look.encoder.", 0.25),),
)
BATCH = 8
_MOST_CLICKS = 4
_MEASURE_EVERY = 500


def train_wall(
    snapshots: Sequence[Snapshot],
    held_out: Sequence[Snapshot],
    folder: Path,
    settings: FitSettings = WALL_FIT,
    batch: int = BATCH,
    *,
    encoder: Path | None = None,
    start: WallNetworks | None = None,
    callback: StepCallback | None = None,
    scores_callback: ScoresCallback | None = None,
) -> WallNetworks:
    """Train both networks, or resume a stopped run.

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
    encoder : Path, optional
        ``nanodet.json``, the encoder's first weights, see `pretrained`; random ones by default.
    start : WallNetworks, optional
        Trained networks to start from.
    callback : callable, optional
        Called after each step with the number of steps done and the loss.
    scores_callback : callable, optional
        Called every 500 steps and at the end with the number of steps done and the held-out scores.

    Raises
    ------
    MissingFileError, WeightsError
        `encoder` is missing or another model, or the checkpoint in `folder` has other settings.
    """
    torch.manual_seed(settings.seed)
    networks = WallNetworks() if start is None else start
    if encoder is not None:
        load_encoder(networks.look.encoder, encoder)
    networks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    test = draw_wall_views(held_out, len(held_out), np.random.default_rng(0), plain=True)

    def loss(views: WallViews, step: int) -> torch.Tensor:
        random = np.random.default_rng([settings.seed, step, 1])
        return wall_loss(networks, views, int(random.integers(1, _MOST_CLICKS + 1)), random)

    fit_on_views(
        networks,
        lambda random: draw_wall_views(snapshots, batch, random),
        loss,
        lambda: held_out_scores(networks, test),
        settings,
        folder,
        measure_every=_MEASURE_EVERY,
        callback=callback,
        scores_callback=scores_callback,
    )
    return networks.eval().requires_grad_(False)
