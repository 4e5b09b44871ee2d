"""ASGI middleware for limits and the access token; it runs before a request body is read."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallpaint.errors import BusyError, ClosingError
from wallpaint.serve.api.problem_details import problem, problem_of
from wallpaint.serve.limits import Limits
from wallpaint.serve.queue import WorkQueue

_OPEN_TO_ALL = ("/healthz", "/readyz")  # an orchestrator sends no token


class BoundedBody:
    """Refuse bodies that are too large (413) or too slow (408), and work if the queue is full (429) or closed (503)."""

    def __init__(self, app: ASGIApp, limits: Limits, queue: WorkQueue) -> None:
        self.app, self.limits, self.queue = app, limits, queue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self.limits.request_bytes:
            return await problem(413, self._too_large())(scope, receive, send)
        if scope["method"] == "POST" and scope["path"].startswith("/v1/"):
            try:
                self.queue.admit()
            except (BusyError, ClosingError) as error:
                return await problem_of(error)(scope, receive, send)
        return await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received, complete, deadline = 0, False, time.monotonic() + self.limits.upload_seconds

        async def counted() -> Message:
            nonlocal received, complete
            if complete:  # the only later message is http.disconnect
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except (TimeoutError, asyncio.TimeoutError):
                seconds = self.limits.upload_seconds
                raise HTTPException(
                    408, f"the request did not arrive within {seconds:g} seconds. Send smaller pictures."
                ) from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self.limits.request_bytes:
                raise HTTPException(413, self._too_large())
            return message

        return counted

    def _too_large(self) -> str:
        return f"the request has more than {self.limits.request_bytes:,} bytes. Send smaller pictures."


class TokenGuard:
    """Require the access token: as ``Authorization: Bearer``, or in a browser as the password with any user name."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in _OPEN_TO_ALL or self._has_token(scope):
            return await self.app(scope, receive, send)
        scheme = "Basic" if scope["path"].startswith("/ui") or scope["path"] == "/" else "Bearer"
        headers = {"WWW-Authenticate": f'{scheme} realm="wallpaint"'}
        response = problem(401, "the access token is missing or wrong. Send Authorization: Bearer TOKEN.", headers)
        return await response(scope, receive, send)

    def _has_token(self, scope: Scope) -> bool:
        kind, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                _, _, password = base64.b64decode(credentials, validate=True).partition(b":")
            except (binascii.Error, ValueError):
                return False
            return hmac.compare_digest(password, self.token)
        return kind.lower() == "bearer" and hmac.compare_digest(credentials.strip().encode(), self.token)
