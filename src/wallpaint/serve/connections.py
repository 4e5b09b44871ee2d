"""Connections whose requests begin in time: half-sent headers are given up, as half-sent bodies are."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TimedHeaders(H11Protocol):
    """HTTP/1.1 whose headers must be whole within `header_seconds`: of the connection's opening for its first request,
    of the first byte for any later one. Uvicorn has a limit for idle connections only, which one byte lifts."""

    header_seconds = 20.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        if self._timer is None and not self._answering:
            self._start_timer()
        super().data_received(data)
        if self._answering or self.transport.get_protocol() is not self:  # else it became a WebSocket
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    @property
    def _answering(self) -> bool:
        return self._has_begun and not self.cycle.response_complete

    @property
    def _has_begun(self) -> bool:
        cycle: object = self.cycle  # None before the first request, which Uvicorn's annotation leaves out
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
        if not self._has_begun:  # else this could be taken for another answer
            self.transport.write(_TOO_SLOW)
        self.transport.close()


def timed_headers(seconds: float) -> type[TimedHeaders]:
    """The protocol with a limit of its own."""
    return type("TimedHeaders", (TimedHeaders,), {"header_seconds": seconds})
