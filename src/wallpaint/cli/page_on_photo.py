"""The page of the service, opened on one photo of this machine."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from wallpaint.cli.terminal import say, step
from wallpaint.optional import needs_extra

if TYPE_CHECKING:
    from wallpaint.mask.select import Finder

_OPEN_SECONDS = 7 * 24 * 3600.0  # the photo stays open while the command runs


def open_page_on(photo: Path, finder: Finder | str) -> None:
    """Serve the page on a free port of this machine, open it in a browser on a photo, until Ctrl-C.

    Raises
    ------
    MissingExtraError
        ``wallpaint[web]`` is not installed.
    UnreadableImageError, MissingFileError
        The photo cannot be read.
    """
    with step("Loading"), needs_extra("web", "The page"):
        from wallpaint.photo import read_photo
        from wallpaint.serve.limits import Limits
        from wallpaint.serve.memory_folder import temporary_files_in_memory
        from wallpaint.serve.paint_options import Engines
        from wallpaint.serve.rooms import OpenRoom
        from wallpaint.serve.server import Server
        from wallpaint.serve.service import Service

        pixels = read_photo(photo)
    with temporary_files_in_memory():
        service = Service(Engines(finder=finder), Limits(room_seconds=_OPEN_SECONDS))
        room = service.rooms.keep(OpenRoom(pixels, finder=finder))
        server = Server(service, port=0, on_start=lambda: webbrowser.open(address))
        address = f"{server.url}/ui/?room={room.id}"
        say(f"{address}  Click the wall, and download the mask there. Ctrl-C ends this.", err=True)
        server.run()
