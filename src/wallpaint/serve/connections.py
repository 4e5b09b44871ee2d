"""HTTP connections with a time limit for request headers."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TimedHeaders(H11Protocol):
    """HTTP/1.1 protocol that closes the connection if the headers are not complete within `header_seconds`.

    The time starts when the connection opens for the first request, and with the first byte for later ones. Uvicorn
    itself limits idle connections only, and one byte ends that limit.
    """

    header_seconds = 20.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        if self._timer is None and not self._answering:
            self._start_timer()
        super().data_received(data)
        if self._answering or self.transport.get_protocol() is not self:  # not self: upgraded to a WebSocket
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    @property
    def _answering(self) -> bool:
        return self._has_begun and not self.cycle.response_complete

    @property
    def _has_begun(self) -> bool:
        cycle: object = self.cycle  # None before the first request, although Uvicorn annotates it as never None
        return cycle is not None

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._answering or self.transport.is_closing():
            return
        if not self._has_begun:  # otherwise the client could take it as a second response
            self.transport.write(_TOO_SLOW)
        self.transport.close()


def timed_headers(seconds: float) -> type[TimedHeaders]:
    """Protocol class with this time limit for headers, in seconds."""
    return type("TimedHeaders", (TimedHeaders,), {"header_seconds": seconds})
