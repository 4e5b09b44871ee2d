"""``wallpaint serve``: a page to paint on, and a service to call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.terminal import say, step
from wallpaint.errors import SettingError

_LIMITS = "Limits"


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen.")] = 7860,
    host: Annotated[
        str, typer.Option(help="127.0.0.1 is this machine alone; 0.0.0.0 lets others in: think of a token then.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="WALLPAINT_TOKEN",
            help="What callers must send as Authorization: Bearer TOKEN, and browsers as password. Better in the "
            "environment than on the command line, where others may read it.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Also offer a diffusion model: mini, a hub id, a folder or a file; sd15 by itself, where it is here.",
            show_default=False,
        ),
    ] = None,
    adapter: Annotated[Path | None, typer.Option(help="For the model: a folder trained by wallpaint.")] = None,
    catalog: options.Catalogs = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="The API alone.")] = False,
    waiting: Annotated[
        int, typer.Option(min=1, help="Requests that may wait for the engine.", rich_help_panel=_LIMITS)
    ] = 16,
    megabytes: Annotated[float, typer.Option(help="Of one request.", rich_help_panel=_LIMITS)] = 64,
    megapixels: Annotated[float, typer.Option(help="Of one picture.", rich_help_panel=_LIMITS)] = 40,
    seconds: Annotated[float, typer.Option(help="For one request, waiting included.", rich_help_panel=_LIMITS)] = 300,
    room_megabytes: Annotated[float, typer.Option(help="Memory for open photos.", rich_help_panel=_LIMITS)] = 2048,
    room_minutes: Annotated[
        float, typer.Option(help="A photo unused for so long is closed.", rich_help_panel=_LIMITS)
    ] = 30,
) -> None:
    """Start the page and the API.

    [bold]wallpaint serve --port 7860[/bold]

    Then open http://127.0.0.1:7860 in a browser; http://127.0.0.1:7860/docs has the API. Photos stay in memory and are
    forgotten. Ctrl-C ends it once the picture it works on is done.
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
        raise SettingError("--adapter is for the diffusion engine: say which model, --model sd15.")
    with step("Loading the model" if model else "Loading", compiles=True):
        from wallpaint.serve.memory_folder import temporary_files_in_memory
        from wallpaint.serve.server import Server

        engines = Engines.load(catalogs, model, adapter)
    with temporary_files_in_memory():
        server = Server(Service(engines, limits), host, port, token=token, page=not no_page)
        say(f"{server.url}  the API: {server.url}/docs  engines: {', '.join(engines.names)}", err=True)
        server.run()
