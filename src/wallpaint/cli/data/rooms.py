"""``wallpaint data rooms``: make a dataset from rendered rooms in random paints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the dataset; a stopped run continues there.")],
    rooms: Annotated[
        Path | None,
        typer.Option(help="Folder of rooms, made by 'wallpaint rooms render'; the starter rooms if not given."),
    ] = None,
    per_room: Annotated[int, typer.Option(min=1, help="Samples per room.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    size: Annotated[int, typer.Option(min=64, help="Pixels a side.")] = 256,
    validation_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the rooms in the validation split.")
    ] = 0.1,
) -> None:
    """Make a dataset of rendered rooms in random colours.

    [bold]wallpaint data rooms DATASET --rooms rooms[/bold]

    It may be stopped and run again.
    """
    from wallpaint.data.samples.room_set import AnyRoom
    from wallpaint.data.tools.export_rooms import export_rooms
    from wallpaint.errors import MissingFileError
    from wallpaint.rooms import starter_rooms
    from wallpaint.rooms.generate import stored_rooms

    sources: list[AnyRoom] = [*starter_rooms()] if rooms is None else [*stored_rooms(rooms)]
    if rooms is not None and not sources:
        raise MissingFileError(rooms, f"there are no rooms here. Make some: wallpaint rooms render --out {rooms}")
    with progress_bar() as progress:
        task = progress.add_task("samples", total=len(sources) * per_room)
        made = export_rooms(
            sources,
            folder,
            per_room=per_room,
            seed=seed,
            size=size,
            validation_share=validation_share,
            done=lambda _: progress.advance(task),
        )
    say(f"{made} made, {len(sources) * per_room - made} existed, in {folder}", err=True)
