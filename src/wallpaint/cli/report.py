"""``wallpaint report``: a training's curves and sheets on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import say, step


def report(
    folder: Annotated[
        Path, typer.Argument(help="Output folder of a training or of 'wallpaint validate'.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="HTML file; report.html in the folder if not given.")
    ] = None,
) -> None:
    """Draw a training's curves, its targets and its sheets on one HTML page that needs no other file.

    [bold]wallpaint report out/mini[/bold]

    Reads every *_metrics.json and training_log.jsonl in the folder and below.
    """
    with step("Drawing"):
        from wallpaint.evaluate.validation.training_report import write_report

        path = write_report(folder, output or folder / "report.html")
    say(path)
