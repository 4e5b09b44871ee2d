"""What a person sees while and after wallpaint works: steps on standard error, results on standard output."""

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

_COMPILING = " (compiling the edge refinement: once after installation, about 40 seconds)"

_MEANINGS = {
    "delta_e_2000_median": "CIEDE2000 of the wall's median to the reference: below 1 is not seen",
    "delta_e_2000": "CIEDE2000 of the wall's mean to the reference, light and shadow included",
    "lab_distance": "CIE76 of the wall's mean to the reference",
    "hue_error": "degrees between the hues; no value for greys",
    "chroma_diff": "distance in a*b*",
    "lightness_diff": "distance in L*",
    "delta_e_2000_p50": "half of the wall's pixels are closer than this",
    "delta_e_2000_p95": "95 % of the wall's pixels are closer than this",
    "shading_correlation": "of log light before and after: 1 keeps every shadow",
    "outside_max_change": "bytes changed outside the wall: 0 is the promise",
    "num_pixels": "wall pixels compared",
}


class PlainConsole(Console):
    """A console that prints text as it is: no markup, no emoji codes, and no control characters in it.

    What commands print holds names of files, folders and colours, which may look like anything: ``b[/]x``, ``:x:``.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **settings: Any) -> Text:
        """Text as one line; rich asks for this wherever it meets a `str`: in cells, titles and captions too."""
        return super().render_str(in_one_line(text), **{**settings, "markup": False, "emoji": False})


def say(text: object, *, err: bool = False) -> None:
    """Print one line, to standard error if `err`."""
    with _explained(err):
        typer.echo(in_one_line(str(text)), err=err)


def say_lines(text: str) -> None:
    """Print text of several lines to standard output, with a line break at its end."""
    with _explained():
        typer.echo(text, nl=not text.endswith("\n"))


@contextmanager
def _explained(err: bool = False) -> Iterator[None]:
    """A full disk behind ``>`` as an `OutputError`; a reader that has enough is for `main` to notice."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of("standard error" if err else "standard output", error, "the text") from None


@contextmanager
def step(words: str, compiles: bool = False) -> Iterator[None]:
    """Say what is being done while it is done, where a person is watching."""
    if compiles:
        from wallpaint.mask import needs_compiling

        words += _COMPILING if needs_compiling() else ""
    with PlainConsole(stderr=True).status(Text(in_one_line(words))):
        yield


def progress_bar() -> Progress:
    """Progress with time left on standard error, where a person is watching."""
    return _progress(MofNCompleteColumn(), TimeElapsedColumn())


def download_bar() -> Progress:
    """As `progress_bar`, counting bytes."""
    return _progress(DownloadColumn(), TransferSpeedColumn())


def _progress(*counts: ProgressColumn) -> Progress:
    console = PlainConsole(stderr=True)
    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), *counts, TextColumn("left"), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def training_bar(steps: int) -> Iterator[Callable[[StepReport], None]]:
    """Progress of a training: loss, learning rate, images a second, memory, time left; else a line now and then."""
    with progress_bar() as progress:
        task = progress.add_task("training", total=steps)

        def told(report: StepReport) -> None:
            words = (
                f"loss {report.loss:.4f}  rate {report.learning_rate:.1e}  {report.images_per_second:.1f} images/s  "
                f"{report.memory_gb:.1f} GB"
            )
            progress.update(task, completed=report.step, description=words)
            if progress.disable and (report.step % 50 == 0 or report.step in (1, steps)):
                say(f"step {report.step:,} of {steps:,}  {words}", err=True)

        yield told


def show_metrics(
    metrics: Mapping[str, float | int | bool], title: str, raw: Mapping[str, float | int | bool] | None = None
) -> None:
    """Metrics as a table, each with its meaning; beside them those of the model's own picture, where there is one."""
    columns = ["metric", "value", *(["before the lock"] if raw else []), "meaning"]
    table = Table(*columns, title=title, title_justify="left", title_style="bold")
    for column in table.columns[1:-1]:
        column.justify = "right"
    for name, meaning in _MEANINGS.items():
        if name in metrics:
            table.add_row(name, _written(metrics[name]), *([_written(raw[name])] if raw else []), meaning)
    show(table)


def show(table: Table) -> None:
    """Print a table to standard output, as wide as the terminal, or as it needs in a file or a pipe."""
    console = PlainConsole()
    if not console.is_terminal:
        console = PlainConsole(width=Measurement.get(console, console.options.update(width=400), table).maximum)
    with _explained():
        console.print(table)


def print_json(content: object) -> None:
    """One JSON document on standard output."""
    from wallpaint.metrics import json_text

    say_lines(json_text(content))


def _written(value: float | int | bool) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.3f}"
    return f"{value:,}"
