"""The recipe: from a folder of rooms to the weights that are shipped, in a way that may be killed and run again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from wallpaint.train.mini.fitting import FitSettings, StepCallback, fit
from wallpaint.train.networks.interreflection.network import InterreflectionNetwork, import_network
from wallpaint.train.networks.interreflection.objective import held_out_errors, interreflection_loss
from wallpaint.train.networks.interreflection.room_maps import RoomMaps
from wallpaint.train.networks.interreflection.views import TrainingViews, draw_views

HOW = FitSettings(steps=8000, learning_rate=2e-3, betas=(0.9, 0.98), weight_decay=1e-2, average=0.998)

BATCH = 8
_MEASURE_EVERY = 250
Measured = Callable[[int, dict[str, float]], None]  #: callback a step's number and the held-out errors


def train_interreflection(
    rooms: RoomMaps,
    held_out: RoomMaps,
    folder: Path,
    how: FitSettings = HOW,
    batch: int = BATCH,
    *,
    start: Path | None = None,
    callback: StepCallback | None = None,
    measured: Measured | None = None,
) -> InterreflectionNetwork:
    """Train the network, from nothing or from weights that were exported, or go on where a killed run was.

    Raises as `fit` does, and as `import_network` does for `start`.

    The views of the next step are drawn while this one is learnt from; all randomness comes from the step's number.
    """
    torch.manual_seed(how.seed)
    network = InterreflectionNetwork()
    if start is not None:
        import_network(start, network)
    test = draw_views(held_out, min(2 * len(held_out), 40), np.random.default_rng(0), plain=True)

    with ThreadPoolExecutor(1) as ahead:
        drawn: dict[int, Future[TrainingViews]] = {}

        def ask(step: int) -> None:
            if step not in drawn and step < how.steps:
                drawn[step] = ahead.submit(draw_views, rooms, batch, np.random.default_rng([how.seed, step]))

        def loss(step: int, generator: torch.Generator) -> torch.Tensor:
            ask(step)
            ask(step + 1)
            views = drawn.pop(step).result()
            with torch.autocast("cpu", torch.bfloat16):
                outputs = network(views.seen)
            return interreflection_loss(outputs, views)

        def tell(done: int, value: float) -> None:
            if callback is not None:
                callback(done, value)
            if measured is not None and done < how.steps and done % _MEASURE_EVERY == 0:
                measured(done, measure(network, test))

        fit(network, loss, how, folder, tell)
    if measured is not None:
        measured(how.steps, measure(network, test))
    return network.eval().requires_grad_(False)


@torch.no_grad()
def measure(network: InterreflectionNetwork, views: TrainingViews) -> dict[str, float]:
    """Held-out errors of the network as it is."""
    return held_out_errors(network(views.seen), views)
