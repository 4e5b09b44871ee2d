"""``wallpaint bounce``: train the network that foretells how a room answers to its paint."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say, step
from wallpaint.errors import MissingFileError, SettingError

app = typer.Typer(help="How a room answers to its paint, learnt from rendered rooms.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `train` a command of its own while it is the only one."""


@app.command()
def train(
    rooms: Annotated[
        Path, typer.Option(help="Folder of 'wallpaint rooms render', or several such folders' rooms in one.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the weights and the work in progress.")],
    held_out: Annotated[
        str, typer.Option(help="Seeds FROM-TO of rooms that are kept apart, to measure on while it learns.")
    ] = "9180-9199",
    start: Annotated[
        Path | None, typer.Option(help="Weights of an earlier training to go on from; with a lower --learning-rate.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-9, help="Instead of the recipe's.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Train it from nothing, or from weights; a killed run goes on where it was.

    [bold]wallpaint bounce train --rooms rooms --out bounce[/bold]
    [bold]wallpaint bounce train --rooms rooms --out more --start bounce/bounce.safetensors --learning-rate 1e-3[/bold]

    Writes bounce.safetensors, and bounce.json with the errors on the rooms kept apart. The bench's rooms are refused.
    """
    apart = _seeds(held_out)
    with step("Loading"):
        from wallpaint.rooms.generate import stored_rooms
        from wallpaint.train.networks.interreflection.network import export_network
        from wallpaint.train.networks.interreflection.training import HOW, train_interreflection
        from wallpaint.train.networks.interreflection.room_maps import load_room_maps
    paths = stored_rooms(rooms)
    kept = [path for path in paths if int(path.stem.removeprefix("room-")) in apart]
    learnt = [path for path in paths if path not in kept]
    if not learnt or not kept:
        lacking = "to learn from" if kept else f"of the seeds {held_out} that are kept apart"
        raise MissingFileError(rooms, f"there are no rooms in it {lacking}. Say other seeds: --held-out FROM-TO.")
    how = replace(HOW, steps=steps or HOW.steps, learning_rate=learning_rate or HOW.learning_rate, seed=seed)
    errors: dict[str, float] = {}
    with progress_bar() as progress:
        task = progress.add_task("reading rooms", total=len(paths))
        held = load_room_maps(kept, lambda count: progress.update(task, completed=count))
        small = load_room_maps(learnt, lambda count: progress.update(task, completed=len(kept) + count))
        progress.reset(task, total=how.steps, description="training")

        def measured(done: int, found: dict[str, float]) -> None:
            errors.update(found)
            words = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
            progress.console.print(f"step {done:,}, rooms kept apart: {words}")

        network = train_interreflection(
            small,
            held,
            out / "work",
            how,
            start=start,
            told=lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.3f}"),
            measured=measured,
        )
    about = {
        "recipe": asdict(how),
        "start": start and start.name,
        "rooms": len(small),
        "held_out_rooms": len(held),
        "held_out_errors": errors,
    }
    say(export_network(network, out, about))


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise SettingError(f"--held-out takes two seeds such as 9180-9199; it was {text!r}.")
    return range(int(first), int(last) + 1)
