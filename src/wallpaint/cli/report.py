"""``wallpaint report``: a training as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import say, step


def report(
    folder: Annotated[
        Path, typer.Argument(help="Where a training, or 'wallpaint validate', put its files.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page; report.html in the folder if not given.")
    ] = None,
) -> None:
    """Draw a training's curves against the targets, with its sheets, on one HTML page that needs no other file.

    [bold]wallpaint report out/mini[/bold]

    Reads every *_metrics.json and training_log.jsonl in the folder and below.
    """
    with step("Drawing"):
        from wallpaint.evaluate.validation.training_report import write_report

        path = write_report(folder, output or folder / "report.html")
    say(path)
