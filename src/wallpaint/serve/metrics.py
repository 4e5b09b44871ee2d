"""Prometheus metrics of the service."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallpaint.serve.service import Service

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_NO_ROUTE = "other"  # label of all unknown paths: their number is not bounded
_DELTA_E = (0.1, 0.25, 0.5, 1, 2, 5)


class ServiceMetrics:
    """Metrics of one service, in their own registry."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "wallpaint_requests", "Requests with a response.", ["method", "path", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "wallpaint_request_seconds",
            "Seconds from request to response.",
            ["path"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.delta_e = Histogram(
            "wallpaint_delta_e_2000_median",
            "CIEDE2000 between the median of a painted wall and the requested colour.",
            ["engine"],
            buckets=_DELTA_E,
            registry=self.registry,
        )
        self._gauge("wallpaint_unfinished", "Jobs that run or wait.", lambda: service.queue.unfinished)
        self._gauge("wallpaint_rooms", "Open photos.", lambda: len(service.rooms))
        self._gauge("wallpaint_rooms_bytes", "Memory of open photos in bytes.", lambda: service.rooms.bytes)

    def _gauge(self, name: str, meaning: str, value: object) -> None:
        Gauge(name, meaning, registry=self.registry).set_function(value)  # type: ignore[arg-type]

    def response(self) -> Response:
        """All metrics in the text format of Prometheus."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)


class CountedRequests:
    """ASGI middleware that counts and times requests by route, with parameter names instead of values."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_record)
        finally:
            route = _route(scope)
            method = scope["method"] if route != _NO_ROUTE else _NO_ROUTE
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)


def _route(scope: Scope) -> str:
    """Path of the matched route, with parameter names instead of values."""
    path = str(scope["path"])
    if path.startswith("/ui"):
        return "/ui"
    if "endpoint" not in scope:
        return _NO_ROUTE
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in path.split("/"))
