"""The command line: one typer app, one file per command.

Bad input: one line on standard error and exit code 2. Ctrl-C: one line and exit code 130. Neither prints a traceback.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from typing import Any, NoReturn, TextIO

import typer
from typer.core import TyperGroup

from wallpaint.cli import bench, data, mini, models, networks, rooms
from wallpaint.cli.ablate import ablate
from wallpaint.cli.colors import colors
from wallpaint.cli.demo import demo
from wallpaint.cli.mask import mask
from wallpaint.cli.measure import measure
from wallpaint.cli.paint import paint
from wallpaint.cli.palette import palette
from wallpaint.cli.report import report
from wallpaint.cli.serve import serve
from wallpaint.cli.several_values import PointsCommand, SeveralValuesCommand
from wallpaint.cli.train import train
from wallpaint.cli.validate import validate
from wallpaint.cli.walls import walls
from wallpaint.errors import WallpaintError, WallpaintWarning, cure_of, in_one_line, reason_of

_INTERRUPTED = 130  # 128 + SIGINT, as shells count


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run a command; Ctrl-C ends it with one line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _print_error_line("Stopped. All files that were written are complete.")
            raise typer.Exit(_INTERRUPTED) from None


app = typer.Typer(
    name="wallpaint",
    cls=_Commands,
    help="Repaint the walls of a room photo in exactly the colour you ask for.\n\n"
    "Start with [bold]wallpaint demo[/bold], which needs no files.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (paint, palette):
    app.command(cls=PointsCommand)(command)
for command in (walls, measure, colors, demo, train, validate, report, serve):
    app.command()(command)
for command in (mask, ablate):
    app.command(cls=SeveralValuesCommand)(command)

app.add_typer(rooms.app, name="rooms")
app.add_typer(data.app, name="data")
app.add_typer(bench.app, name="bench")
app.add_typer(models.app, name="models")
app.add_typer(mini.app, name="mini")
app.add_typer(networks.app, name="networks")


@app.callback(invoke_without_command=True)
def _version(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as installed_version

        typer.echo(f"wallpaint {installed_version('wallpaint')}")
        raise typer.Exit


def main() -> None:
    """Run the command line; errors and warnings are one line each."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # terminals whose encoding lacks some characters
    with warnings.catch_warnings():
        warnings.simplefilter("always", WallpaintWarning)
        warnings.showwarning = _show_warning
        try:
            try:
                code = app(standalone_mode=False)  # so that usage errors are raised here
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()  # raises here if the disk is full, not at exit
            sys.exit(code if isinstance(code, int) else 0)
        except WallpaintError as error:
            _stop(str(error))
        except BrokenPipeError:  # the reader closed the pipe
            _drop_output()
            sys.exit(1)
        except OSError as error:
            if error.errno is None:
                raise  # not from the system but from a library
            place = f"{error.filename}: " if error.filename else ""
            _stop(f"{place}{reason_of(error)}. {cure_of(error)}")
        except MemoryError as error:
            needed = f" ({error})" if str(error) else ""
            _stop(f"there is not enough memory{needed}. Scale the picture down, or close other programs.")
        except typer.Abort:
            sys.exit(1)
        except Exception as error:
            if not hasattr(error, "format_message"):  # common to the usage errors of all versions of click
                raise
            _stop(_usage(error))


def _usage(error: Any) -> str:
    """The usage error as one sentence; empty if help was shown instead."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    fault = " ".join(error.format_message().split()).rstrip(".")
    dash = " A name that begins with - must come after --." if fault.startswith("No such option") else ""
    command = error.ctx.command_path if getattr(error, "ctx", None) else "wallpaint"
    return f"{fault}.{dash} See {command} --help."


def _stop(sentence: str) -> NoReturn:
    _print_error_line(sentence)
    _drop_output()
    sys.exit(2)


def _print_error_line(sentence: str) -> None:
    """Write one line to standard error if possible; an empty sentence writes nothing."""
    if not sentence:
        return
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{in_one_line(sentence)}\n")
        sys.stderr.flush()


def _drop_output() -> None:
    """Discard buffered output that cannot be written, because Python would print an error about it at exit."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print our own warnings as notes; drop those of libraries."""
    if issubclass(category, WallpaintWarning):
        _print_error_line(f"note: {message}")
