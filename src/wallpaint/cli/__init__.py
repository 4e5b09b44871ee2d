"""The command line: one typer app, each command a thin call into the package of its name.

Bad input ends in one line on standard error and exit code 2, Ctrl-C in one line and 130; neither in a traceback.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from wallpaint.cli import bench, bounce, data, mini, models, rooms
from wallpaint.cli.ablate import ablate
from wallpaint.cli.colors import colors
from wallpaint.cli.demo import demo
from wallpaint.cli.mask import mask
from wallpaint.cli.measure import measure
from wallpaint.cli.paint import paint
from wallpaint.cli.palette import palette
from wallpaint.cli.report import report
from wallpaint.cli.serve import serve
from wallpaint.cli.several_values import SeveralValuesCommand
from wallpaint.cli.train import train
from wallpaint.cli.validate import validate
from wallpaint.cli.walls import walls
from wallpaint.errors import WallpaintError, WallpaintWarning

_INTERRUPTED = 130  # 128 + SIGINT, as shells count


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run a command until it is done or Ctrl-C is pressed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("Stopped. Every file that was written is whole.\n")
            raise typer.Exit(_INTERRUPTED) from None


app = typer.Typer(
    name="wallpaint",
    cls=_Commands,
    help="Repaint the walls of a room photo in exactly the colour you ask for.\n\n"
    "Start with [bold]wallpaint demo[/bold], which needs nothing.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (paint, walls, palette, measure, colors, demo, train, validate, report, serve):
    app.command()(command)
for command in (mask, ablate):
    app.command(cls=SeveralValuesCommand)(command)

app.add_typer(rooms.app, name="rooms")
app.add_typer(data.app, name="data")
app.add_typer(bench.app, name="bench")
app.add_typer(models.app, name="models")
app.add_typer(mini.app, name="mini")
app.add_typer(bounce.app, name="bounce")


@app.callback(invoke_without_command=True)
def _version(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as installed_version

        typer.echo(f"wallpaint {installed_version('wallpaint')}")
        raise typer.Exit


def main() -> None:
    """Run the command line, with errors and warnings as a person wants to read them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", WallpaintWarning)
        warnings.showwarning = _show_warning
        try:
            app()
        except WallpaintError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(2)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Ours are notes to the person; others' are not their business."""
    if issubclass(category, WallpaintWarning):
        sys.stderr.write(f"note: {message}\n")
