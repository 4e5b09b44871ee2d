"""``wallpaint data depth``: estimate depth for the images of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wallpaint.cli.terminal import progress_bar, say, step


def depth(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset, in either layout.", show_default=False)],
    model: Annotated[
        str, typer.Option(help="Depth estimator: a folder, or the name of an installed one.")
    ] = "depth-anything",
) -> None:
    """Estimate depth for every image that has none. It may be stopped and run again.

    [bold]wallpaint data depth DATASET[/bold]
    """
    from wallpaint.data.storage.flat import open_split, stored_splits
    from wallpaint.data.tools.depth_pass import add_depth

    total = sum(len(open_split(dataset, split)) for split in stored_splits(dataset))
    with step("Loading the depth estimator"):
        estimator = _estimator(model)
    with progress_bar() as progress:
        task = progress.add_task("images", total=total)
        made = add_depth(dataset, estimator.estimate, done=lambda _: progress.advance(task))
    say(f"{made} made, {total - made} existed, in {dataset}", err=True)


def _estimator(model: str) -> Any:
    from wallpaint.diffusion.vision.depth_estimation import DepthEstimator

    return DepthEstimator(model, _device())


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
