"""The server: uvicorn, which on its way out finishes what runs."""

from __future__ import annotations

import math
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount

from wallpaint.serve.api import create_app
from wallpaint.serve.service import Service


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
        self.app = create_app(service, token=token, page=page)
        config = uvicorn.Config(
            self.app,
            host=host,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=math.ceil(service.limits.work_seconds),
        )
        super().__init__(config)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGINT or SIGTERM."""
        self.stop()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """Refuse what waits, finish what runs, and end."""
        self.service.queue.close()
        _end_heartbeats(self.app)
        self.should_exit = True


def _end_heartbeats(app: FastAPI) -> None:
    """An open page holds a connection that Gradio ends on this event alone."""
    for route in app.routes:
        if isinstance(route, Mount) and hasattr(route.app, "stop_event"):
            route.app.stop_event.set()
