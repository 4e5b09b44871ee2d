"""Uvicorn server with a graceful shutdown."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount

from wallpaint.errors import SettingError
from wallpaint.serve.api.app import create_app
from wallpaint.serve.connections import timed_headers
from wallpaint.serve.service import Service

_HEADER_SECONDS = 20.0  # maximum time for request headers; a body may take longer


class Server(uvicorn.Server):
    """Server of the API and the page. On shutdown it refuses waiting jobs and finishes the running one.

    Parameters
    ----------
    service : Service
        The service behind the API and the page.
    host : str
        Address to listen on.
    port : int
        TCP port to listen on; 0 is any free port.
    token : str, optional
        Access token, see `create_app`.
    page : bool
        Whether to serve the page besides the API.
    on_start : callable, optional
        Called once, in a thread of its own, when the server accepts connections.

    Raises
    ------
    SettingError
        The port is not available.
    """

    def __init__(
        self,
        service: Service,
        host: str = "127.0.0.1",
        port: int = 7860,
        *,
        token: str | None = None,
        page: bool = True,
        on_start: Callable[[], object] | None = None,
    ) -> None:
        self.service = service
        self._on_start = on_start
        self.socket = listening_socket(host, port)
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
        """URL of the server on this machine."""
        host, port = self.socket.getsockname()[:2]
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop` is called or SIGINT or SIGTERM arrives."""
        super().run(sockets or [self.socket])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await super().startup(sockets)
        if self.started and self._on_start is not None:
            threading.Thread(target=self._on_start, daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle SIGINT and SIGTERM as `stop`."""
        self.stop()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """Refuse waiting jobs, finish the running one, and shut down."""
        self.service.queue.close()
        _end_heartbeats(self.app)
        self.should_exit = True


def listening_socket(host: str, port: int) -> socket.socket:
    """Socket bound to a host and a port; port 0 is any free port.

    Raises
    ------
    SettingError
        The host or port is not available.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SettingError(
            f"port {port} of {host} is not available ({error.strerror}). Choose another --port or --host."
        ) from None
    return bound


def _end_heartbeats(app: FastAPI) -> None:
    """End the heartbeat connections of open pages, which Gradio closes only on this event."""
    for route in app.routes:
        if isinstance(route, Mount) and hasattr(route.app, "stop_event"):
            route.app.stop_event.set()
