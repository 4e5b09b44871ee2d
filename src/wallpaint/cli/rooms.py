"""``wallpaint rooms``: render paintable rooms, and show them on a sheet."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler

from wallpaint.cli.terminal import PlainConsole, progress_bar, say

app = typer.Typer(help="Rooms rendered for every paint colour at once.", no_args_is_help=True)


@app.command()
def render(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the rooms; a stopped run continues there.")],
    count: Annotated[int, typer.Option(min=1, help="How many rooms.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first room. 9000 to 9063 belong to RepaintBench.")] = 0,
    size: Annotated[int, typer.Option(min=16, help="Pixels a side.")] = 256,
    samples: Annotated[int, typer.Option(min=1, help="Light paths per pixel.")] = 32,
    twins: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rooms that also get a wallpapered picture.")
    ] = 0.3,
    workers: Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")] = 0,
) -> None:
    """Render paintable rooms into a folder.

    [bold]wallpaint rooms render --count 200 --out rooms[/bold]

    It may be stopped and run again: finished rooms are kept.
    """
    from wallpaint.rooms.generate import RenderJob, generate, unfinished, usable_cores

    _log_to_console()
    batch = RenderJob(count, seed, size, samples, twins)
    missing = len(unfinished(batch, out))
    with progress_bar() as progress:
        task = progress.add_task("rooms", total=missing)
        rendered = generate(batch, out, workers or usable_cores(), done=lambda _: progress.advance(task))
    say(f"{rendered} rendered, {count - rendered} existed, in {out}", err=True)
    _write_sheet(out, out / "contact-sheet.jpg")


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(help="Folder of rooms.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Picture to write; contact-sheet.jpg in the folder if not given.")
    ] = None,
) -> None:
    """Draw every room of a folder on one contact sheet, each in another colour."""
    _write_sheet(folder, out or folder / "contact-sheet.jpg")


def _write_sheet(folder: Path, target: Path) -> None:
    from wallpaint.errors import MissingFileError
    from wallpaint.photo import write_photo
    from wallpaint.rooms.generate import stored_rooms
    from wallpaint.rooms.paintable import PaintableRoom
    from wallpaint.rooms.sheet import contact_sheet

    paths = stored_rooms(folder)
    if not paths:
        raise MissingFileError(
            folder, "there are no rooms here. Make some: wallpaint rooms render --out " + str(folder)
        )
    sheet = contact_sheet(PaintableRoom.load(path) for path in paths)
    write_photo(target, sheet)
    say(f"{len(paths)} rooms on {target}", err=True)


def _log_to_console() -> None:
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=PlainConsole(stderr=True), show_time=False, show_path=False)],
    )
