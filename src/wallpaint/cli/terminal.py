"""Terminal output: progress on standard error, results on standard output."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from wallpaint.errors import OutputError, in_one_line

if TYPE_CHECKING:
    from wallpaint.train.trainer.run_log import StepReport

_COMPILING = " (compiling the edge refinement: only once after installation, about 40 seconds)"

_MEANINGS = {
    "delta_e_2000_median": "CIEDE2000 between the wall's median and the reference: below 1 is not visible",
    "delta_e_2000": "CIEDE2000 between the wall's mean and the reference, light and shadow included",
    "lab_distance": "CIE76 between the wall's mean and the reference",
    "hue_error": "hue difference in degrees; no value for greys",
    "chroma_diff": "distance in a*b*",
    "lightness_diff": "distance in L*",
    "delta_e_2000_p50": "CIEDE2000 that half of the wall's pixels do not exceed",
    "delta_e_2000_p95": "CIEDE2000 that 95 % of the wall's pixels do not exceed",
    "shading_correlation": "correlation of log light before and after: 1 keeps every shadow",
    "outside_max_change": "largest change of a byte outside the wall: 0 is guaranteed",
    "num_pixels": "number of wall pixels compared",
}


class PlainConsole(Console):
    """A rich console that prints text unchanged: no markup, no emoji codes, and no control characters.

    Output contains names of files, folders and colours, which may contain markup: ``b[/]x``, ``:x:``.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **settings: Any) -> Text:
        """Text as one line; rich calls this for every `str`, also in cells, titles and captions."""
        return super().render_str(in_one_line(text), **{**settings, "markup": False, "emoji": False})


def say(text: object, *, err: bool = False) -> None:
    """Print one line to standard output, or to standard error if `err`."""
    with _explained(err):
        typer.echo(in_one_line(str(text)), err=err)


def say_lines(text: str) -> None:
    """Print text of several lines to standard output, with a final line break."""
    with _explained():
        typer.echo(text, nl=not text.endswith("\n"))


@contextmanager
def _explained(err: bool = False) -> Iterator[None]:
    """Raise `OutputError` if output cannot be written, as to a full disk; `main` handles a closed pipe."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of("standard error" if err else "standard output", error, "the text") from None


@contextmanager
def step(words: str, compiles: bool = False) -> Iterator[None]:
    """Show a status line while the block runs, if standard error is a terminal."""
    if compiles:
        from wallpaint.mask import needs_compiling

        words += _COMPILING if needs_compiling() else ""
    with PlainConsole(stderr=True).status(Text(in_one_line(words))):
        yield


def progress_bar() -> Progress:
    """Progress bar with the remaining time on standard error; not shown if that is not a terminal."""
    return _progress(MofNCompleteColumn(), TimeElapsedColumn())


def download_bar() -> Progress:
    """Progress bar of a download, in bytes; see `progress_bar`."""
    return _progress(DownloadColumn(), TransferSpeedColumn())


def _progress(*counts: ProgressColumn) -> Progress:
    console = PlainConsole(stderr=True)
    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), *counts, TextColumn("left"), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def training_bar(steps: int) -> Iterator[Callable[[StepReport], None]]:
    """Progress bar of training: loss, learning rate, images per second, memory, remaining time.

    If standard error is not a terminal, prints a line at the first, every 50th and the last step instead.
    """
    with progress_bar() as progress:
        task = progress.add_task("training", total=steps)

        def show_step(report: StepReport) -> None:
            words = (
                f"loss {report.loss:.4f}  rate {report.learning_rate:.1e}  {report.images_per_second:.1f} images/s  "
                f"{report.memory_gb:.1f} GB"
            )
            progress.update(task, completed=report.step, description=words)
            if progress.disable and (report.step % 50 == 0 or report.step in (1, steps)):
                say(f"step {report.step:,} of {steps:,}  {words}", err=True)

        yield show_step


def show_metrics(
    metrics: Mapping[str, float | int | bool], title: str, raw: Mapping[str, float | int | bool] | None = None
) -> None:
    """Print metrics as a table with their meanings; `raw`, if given, are the metrics before the colour lock."""
    columns = ["metric", "value", *(["before the lock"] if raw else []), "meaning"]
    table = Table(*columns, title=title, title_justify="left", title_style="bold")
    for column in table.columns[1:-1]:
        column.justify = "right"
    for name, meaning in _MEANINGS.items():
        if name in metrics:
            table.add_row(name, _written(metrics[name]), *([_written(raw[name])] if raw else []), meaning)
    show(table)


def show(table: Table) -> None:
    """Print a table to standard output, as wide as the terminal; in a file or a pipe as wide as its content."""
    console = PlainConsole()
    if not console.is_terminal:
        console = PlainConsole(width=Measurement.get(console, console.options.update(width=400), table).maximum)
    with _explained():
        console.print(table)


def print_json(content: object) -> None:
    """Print one JSON document to standard output."""
    from wallpaint.metrics import json_text

    say_lines(json_text(content))


def _written(value: float | int | bool) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.3f}"
    return f"{value:,}"
