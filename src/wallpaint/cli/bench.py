"""``wallpaint bench``: RepaintBench, the comparison with the physical truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say, say_lines, step
from wallpaint.errors import MissingFileError, SettingError

app = typer.Typer(help="Measure against rendered rooms whose repainted truth is known.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Without a callback, typer would drop the name of the only command, `truth`."""


@app.command()
def truth(
    quick: Annotated[bool, typer.Option("--quick", help="Use the 13 rooms in the package: a minute or two.")] = False,
    rooms: Annotated[
        Path | None,
        typer.Option(
            help="Folder with rooms 9000 to 9063, made by: wallpaint rooms render --seed 9000 --count 64 --out FOLDER."
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for results.")] = Path("bench-truth"),
    tracks: Annotated[str, typer.Option(help="Tracks to measure, separated by commas.")] = ("clean,camera,wallpaper"),
    model: Annotated[
        str | None,
        typer.Option(help="Also measure a diffusion model, such as [bold]mini[/bold]: raw, locked, and from albedo."),
    ] = None,
    controlnet: Annotated[
        str | None,
        typer.Option(help="Also measure that model with this depth ControlNet and the rooms' true depth."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")] = 0,
) -> None:
    """Compare our engines and every baseline with the physical truth, in one table (RepaintBench).

    [bold]wallpaint bench truth --quick[/bold]

    Writes table.md, results.json and worst.png. It may be stopped and run again: rooms already measured by the same
    code are not measured again.
    """
    if quick == (rooms is not None):
        raise SettingError("give either --quick or --rooms FOLDER to measure on.")
    if controlnet is not None and model is None:
        raise SettingError("--controlnet needs a diffusion model: add --model mini.")
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
        raise SettingError(f"--tracks is {tracks!r}: choose from {', '.join(TRACKS)}, separated by commas.")
    reserved = {room_path(rooms, seed) for seed in BENCH_SEEDS} if rooms else set()
    paths = [path for path in stored_rooms(rooms) if path in reserved] if rooms else starter_paths()
    if not paths:
        cure = f"wallpaint rooms render --seed 9000 --count 64 --out {rooms}"
        raise MissingFileError(rooms, f"has none of RepaintBench's rooms. Make them: {cure}")
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
