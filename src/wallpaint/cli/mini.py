"""``wallpaint mini``: train the small model from nothing, on rooms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, step
from wallpaint.errors import MissingFileError

app = typer.Typer(
    help="Train a Stable Diffusion inpainting model in miniature, from rooms alone. It proves the workflow on any "
    "laptop; it is no painter of photos.",
    no_args_is_help=True,
)

Rooms = Annotated[Path, typer.Option(help="Folder of 'wallpaint rooms render --size 128'; 400 rooms or more.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the model and the work in progress.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")]
Seed = Annotated[int, typer.Option(min=0)]


@app.command()
def vae(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """First: the autoencoder. Kill it and run it again: it goes on."""
    with step("Loading"):
        from wallpaint.train.mini.recipes import cook_vae
        from wallpaint.train.mini.vae import HOW
    how = replace(HOW, steps=steps or HOW.steps, seed=seed)
    with progress_bar() as progress:
        task = progress.add_task("painting rooms, then training the VAE", total=how.steps)
        path = cook_vae(
            _found(rooms),
            out,
            how,
            told=lambda done, loss: progress.update(task, completed=done, description=f"VAE  loss {loss:.3f}"),
        )
    typer.echo(path)


@app.command()
def base(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """Second: the inpainting UNet, which knows no reference. Kill it and run it again: it goes on."""
    with step("Loading"):
        from wallpaint.train.mini.base import HOW
        from wallpaint.train.mini.recipes import cook_base
    how = replace(HOW, steps=steps or HOW.steps, seed=seed)
    with progress_bar() as progress:
        task = progress.add_task("encoding rooms, then training the base", total=how.steps)
        path = cook_base(
            _found(rooms),
            out,
            how,
            told=lambda done, loss: progress.update(task, completed=done, description=f"base  loss {loss:.3f}"),
        )
    typer.echo(f"{path}\nThen the adapter: wallpaint train --config mini.yaml --set model.base={path}")


def _found(rooms: Path) -> list[Path]:
    from wallpaint.rooms import BENCH_SEEDS
    from wallpaint.rooms.generate import room_path, stored_rooms

    reserved = {room_path(rooms, seed) for seed in BENCH_SEEDS}
    found = [path for path in stored_rooms(rooms) if path not in reserved]
    if not found:
        raise MissingFileError(rooms, f"there are no rooms in it. Make some: wallpaint rooms render --out {rooms}")
    return found
