"""``wallpaint rooms``: render paintable rooms, and show them on a sheet."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler

from wallpaint.cli.terminal import PlainConsole, progress_bar, say

app = typer.Typer(help="Rooms rendered for every paint colour at once.", no_args_is_help=True)
_console = PlainConsole(stderr=True)
SHEET = 64  # snapshots on a contact sheet


@app.command()
def render(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the rooms; a stopped run continues there.")],
    count: Annotated[int, typer.Option(min=1, help="How many rooms.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first room. 9000 to 9063 belong to RepaintBench.")] = 0,
    size: Annotated[
        int | None, typer.Option(min=16, help="Pixels a side: 256; for snapshots 352 along the longer side.")
    ] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Light paths per pixel: 32; for snapshots 9.")] = None,
    twins: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rooms that also get a wallpapered picture.")
    ] = 0.3,
    workers: Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")] = 0,
    kind: Annotated[
        str, typer.Option(help="furnished, or varied: more kinds of content, every surface labelled.")
    ] = "furnished",
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="One picture with classes and planes instead of a paintable room.")
    ] = False,
) -> None:
    """Render rooms into a folder.

    [bold]wallpaint rooms render --count 200 --out rooms[/bold]

    It may be stopped and run again: finished rooms are kept.
    """
    from wallpaint.errors import SettingError
    from wallpaint.rooms.generate import RenderJob, SnapshotBatch, generate, unfinished, usable_cores
    from wallpaint.rooms.scene import KINDS

    _log_to_console()
    if kind not in KINDS or (snapshots and kind != "varied"):
        allowed = "varied (the only kind with labels)" if snapshots else " or ".join(KINDS)
        raise SettingError(f"--kind {kind} is not possible here. Take --kind {allowed}.")
    batch: RenderJob | SnapshotBatch
    if snapshots:
        batch = SnapshotBatch(count, seed, size or 352, samples or 9, kind)
    else:
        batch = RenderJob(count, seed, size or 256, samples or 32, twins, kind)
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
    """Draw the rooms of a folder on one contact sheet, each in another colour; at most 64 snapshots."""
    _write_sheet(folder, out or folder / "contact-sheet.jpg")


def _write_sheet(folder: Path, target: Path) -> None:
    from wallpaint.errors import MissingFileError
    from wallpaint.photo import write_photo
    from wallpaint.rooms.generate import stored_rooms, stored_snapshots
    from wallpaint.rooms.paintable import PaintableRoom
    from wallpaint.rooms.sheet import contact_sheet, snapshot_sheet
    from wallpaint.rooms.snapshots.snapshot import Snapshot

    shots = stored_snapshots(folder)[:SHEET]
    if shots:
        write_photo(target, snapshot_sheet(Snapshot.load(path) for path in shots))
        _console.print(f"{len(shots)} snapshots on {target}")
        return
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
