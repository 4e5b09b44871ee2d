"""``wallpaint serve``: the page and the HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.terminal import say, step
from wallpaint.cli.wall_choice import finder_of
from wallpaint.errors import SettingError

_LIMITS = "Limits"


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")] = 7860,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. 127.0.0.1: this machine only; 0.0.0.0: all machines, better with a --token."
        ),
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="WALLPAINT_TOKEN",
            help="Required of callers as Authorization: Bearer TOKEN, and of browsers as password. Safer in the "
            "environment variable than on the command line, which other users can read.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Also offer this diffusion model: mini, a hub id, a folder or a file. sd15 is offered if installed.",
            show_default=False,
        ),
    ] = None,
    adapter: Annotated[Path | None, typer.Option(help="Adapter folder trained by wallpaint, for --model.")] = None,
    finder: Annotated[
        str,
        typer.Option(
            help="What finds walls: rooms, which comes with wallpaint, edges, sam2, ade, a folder or a hub id; see "
            "wallpaint mask."
        ),
    ] = "auto",
    catalog: options.Catalogs = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="Serve the API only.")] = False,
    waiting: Annotated[
        int,
        typer.Option(min=1, help="Maximum number of requests that may wait for the engine.", rich_help_panel=_LIMITS),
    ] = 16,
    megabytes: Annotated[float, typer.Option(help="Maximum MiB per request.", rich_help_panel=_LIMITS)] = 64,
    megapixels: Annotated[float, typer.Option(help="Maximum megapixels per picture.", rich_help_panel=_LIMITS)] = 40,
    seconds: Annotated[
        float, typer.Option(help="Maximum seconds per request, including waiting.", rich_help_panel=_LIMITS)
    ] = 300,
    room_megabytes: Annotated[
        float, typer.Option(help="Maximum MiB of memory for open photos.", rich_help_panel=_LIMITS)
    ] = 2048,
    room_minutes: Annotated[
        float, typer.Option(help="Minutes after which an unused photo is closed.", rich_help_panel=_LIMITS)
    ] = 30,
) -> None:
    """Start the page and the API.

    [bold]wallpaint serve --port 7860[/bold]

    Then open http://127.0.0.1:7860 in a browser; http://127.0.0.1:7860/docs has the API. Photos stay in memory only.
    Ctrl-C ends the server after the current picture.
    """
    with step("Loading"):
        from wallpaint.color import read_catalog
        from wallpaint.serve.limits import Limits
        from wallpaint.serve.paint_options import Engines
        from wallpaint.serve.service import Service

        limits = Limits(
            request_bytes=round(megabytes * 2**20),
            pixels=round(megapixels * 1e6),
            waiting=waiting,
            work_seconds=seconds,
            rooms_bytes=round(room_megabytes * 2**20),
            room_seconds=room_minutes * 60,
        )
        catalogs = [read_catalog(path) for path in catalog or []]
    if adapter is not None and model is None:
        raise SettingError("--adapter needs a diffusion model: add --model sd15.")
    with step("Loading the model" if model else "Loading", compiles=True):
        from wallpaint.serve.memory_folder import temporary_files_in_memory
        from wallpaint.serve.server import Server

        engines = Engines.load(catalogs, model, adapter, finder_of(finder))
    with temporary_files_in_memory():
        server = Server(Service(engines, limits), host, port, token=token, page=not no_page)
        say(f"{server.url}  the API: {server.url}/docs  engines: {', '.join(engines.names)}", err=True)
        server.run()
