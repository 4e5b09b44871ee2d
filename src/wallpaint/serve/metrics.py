"""What an operator watches, for Prometheus."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallpaint.serve.service import Service

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_NO_ROUTE = "other"  # what people try out is no label
_DELTA_E = (0.1, 0.25, 0.5, 1, 2, 5)


class ServiceMetrics:
    """Counts of one service; each has a registry of its own."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "wallpaint_requests", "Requests answered.", ["method", "path", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "wallpaint_request_seconds", "From request to answer.", ["path"], buckets=_SECONDS, registry=self.registry
        )
        self.delta_e = Histogram(
            "wallpaint_delta_e_2000_median",
            "CIEDE2000 of painted walls to what was asked for.",
            ["engine"],
            buckets=_DELTA_E,
            registry=self.registry,
        )
        self._gauge("wallpaint_unfinished", "Pieces of work that run or wait.", lambda: service.queue.unfinished)
        self._gauge("wallpaint_rooms", "Photos that are open.", lambda: len(service.rooms))
        self._gauge("wallpaint_rooms_bytes", "Memory that open photos take.", lambda: service.rooms.bytes)

    def _gauge(self, name: str, meaning: str, value: object) -> None:
        Gauge(name, meaning, registry=self.registry).set_function(value)  # type: ignore[arg-type]

    def response(self) -> Response:
        """All of it in Prometheus's text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)


class CountedRequests:
    """ASGI middleware that counts and times every request, by route and not by what people type."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = _route(scope)
            method = scope["method"] if route != _NO_ROUTE else _NO_ROUTE
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)


def _route(scope: Scope) -> str:
    """The route that answered, with the names of its parameters instead of their values."""
    path = str(scope["path"])
    if path.startswith("/ui"):
        return "/ui"
    if "endpoint" not in scope:
        return _NO_ROUTE
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in path.split("/"))
