"""``wallpaint bench``: measure against the physical truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say, say_lines, step
from wallpaint.errors import MissingFileError, SettingError

app = typer.Typer(help="Measure against rooms whose repainted truth is known.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `truth` a command of its own while it is the only one."""


@app.command()
def truth(
    quick: Annotated[
        bool, typer.Option("--quick", help="The rooms that come with wallpaint: a minute or two.")
    ] = False,
    rooms: Annotated[
        Path | None,
        typer.Option(
            help="Folder with rooms 9000 to 9063: wallpaint rooms render --seed 9000 --count 64 --out FOLDER."
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for results.")] = Path("bench-truth"),
    tracks: Annotated[str, typer.Option(help="Which of clean, camera and wallpaper, with commas.")] = (
        "clean,camera,wallpaper"
    ),
    model: Annotated[
        str | None,
        typer.Option(help="A diffusion model to measure too, such as [bold]mini[/bold]; raw, locked, and from albedo."),
    ] = None,
    controlnet: Annotated[
        str | None,
        typer.Option(help="A depth ControlNet of that model, to measure it with the rooms' true depth as well."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one a core.")] = 0,
) -> None:
    """RepaintBench: our engines and every baseline against the physical truth, in one table.

    [bold]wallpaint bench truth --quick[/bold]

    Writes table.md, results.json and worst.png. Kill it and run it again: rooms already measured by the same code are
    not measured again.
    """
    if quick == (rooms is not None):
        raise SettingError("say what to measure on: either --quick or --rooms FOLDER.")
    if controlnet is not None and model is None:
        raise SettingError("--controlnet is of a diffusion model: say which, --model mini.")
    with step("Loading"):
        from wallpaint.evaluate import TRACKS, markdown_table, run_bench, worst_sheet
        from wallpaint.metrics import json_text
        from wallpaint.photo import write_files
        from wallpaint.rooms import BENCH_SEEDS
        from wallpaint.rooms.generate import room_path, stored_rooms, usable_cores
        from wallpaint.rooms.starter import starter_paths
        from wallpaint.sheet import save_sheet
    chosen = tuple(track for track in TRACKS if track in tracks.split(","))
    if len(chosen) != len(tracks.split(",")):
        raise SettingError(f"--tracks takes {', '.join(TRACKS)}; it was {tracks!r}.")
    reserved = {room_path(rooms, seed) for seed in BENCH_SEEDS} if rooms else set()
    paths = [path for path in stored_rooms(rooms) if path in reserved] if rooms else starter_paths()
    if not paths:
        cure = f"wallpaint rooms render --seed 9000 --count 64 --out {rooms}"
        raise MissingFileError(rooms, f"holds none of the bench's rooms. Make them: {cure}")
    with progress_bar() as progress:
        task = progress.add_task("rooms", total=len(paths))
        rows = run_bench(
            paths,
            output / "rooms",
            chosen,
            workers or usable_cores(),
            lambda _: progress.advance(task),
            model,
            controlnet,
        )
    if not rows:
        fault = "no room has both enough wall and, for the wallpaper track, a twin"
        raise SettingError(f"nothing to measure on {', '.join(chosen)}: {fault}.")
    with step("Drawing the worst cases"):
        sheet = save_sheet(worst_sheet(rows, paths, "wallpaint albedo"), output / "worst.png")
    table = markdown_table(rows)
    write_files({output / "table.md": table.encode(), output / "results.json": json_text(rows).encode()})
    say_lines(table)
    say(f"{output / 'table.md'}, {output / 'results.json'}, {sheet}")
