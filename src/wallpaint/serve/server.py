"""The server: uvicorn, which on its way out finishes what runs."""

from __future__ import annotations

import math
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount

from wallpaint.errors import SettingError
from wallpaint.serve.api.app import create_app
from wallpaint.serve.connections import timed_headers
from wallpaint.serve.service import Service

_HEADER_SECONDS = 20.0  # for the headers of a request; a body may take longer


class Server(uvicorn.Server):
    """Serves API and page; when told to stop it refuses what waits, finishes what runs, and ends.

    Parameters
    ----------
    service : Service
    host, port
        Where to listen.
    token : str, optional
        See `create_app`.
    page : bool

    Raises
    ------
    SettingError
        The port cannot be had.
    """

    def __init__(
        self,
        service: Service,
        host: str = "127.0.0.1",
        port: int = 7860,
        *,
        token: str | None = None,
        page: bool = True,
    ) -> None:
        self.service = service
        self.socket = listening(host, port)
        self.app = create_app(service, token=token, page=page)
        config = uvicorn.Config(
            self.app,
            http=timed_headers(min(service.limits.upload_seconds, _HEADER_SECONDS)),
            log_level="warning",
            timeout_graceful_shutdown=math.ceil(service.limits.work_seconds),
        )
        super().__init__(config)

    @property
    def url(self) -> str:
        """Where it can be reached from this machine."""
        host, port = self.socket.getsockname()[:2]
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        super().run(sockets or [self.socket])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGINT or SIGTERM."""
        self.stop()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """Refuse what waits, finish what runs, and end."""
        self.service.queue.close()
        _end_heartbeats(self.app)
        self.should_exit = True


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to a host and a port; port 0 is any free one.

    Raises
    ------
    SettingError
        It cannot be had.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SettingError(
            f"port {port} of {host} cannot be had ({error.strerror}). Choose another --port or --host."
        ) from None
    return bound


def _end_heartbeats(app: FastAPI) -> None:
    """An open page holds a connection that Gradio ends on this event alone."""
    for route in app.routes:
        if isinstance(route, Mount) and hasattr(route.app, "stop_event"):
            route.app.stop_event.set()
