"""The door: who may come in, and how much they may bring. ASGI middleware, so that nothing is read beforehand."""

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

_OPEN_TO_ALL = ("/healthz", "/readyz")  # an orchestrator has no token


class BoundedBody:
    """Refuses bodies that are too large (413), arrive too slowly (408), or would only wait behind too many (429)."""

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
            if complete:  # from here on it only tells of a client that leaves
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except (TimeoutError, asyncio.TimeoutError):
                seconds = self.limits.upload_seconds
                raise HTTPException(408, f"the request did not arrive within {seconds:g} seconds.") from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self.limits.request_bytes:
                raise HTTPException(413, self._too_large())
            return message

        return counted

    def _too_large(self) -> str:
        return f"the request has more than {self.limits.request_bytes:,} bytes. Send smaller pictures."


class TokenGuard:
    """Lets in who has the token: as ``Authorization: Bearer``, or in a browser as the password of any user."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in _OPEN_TO_ALL or self._fits(scope):
            return await self.app(scope, receive, send)
        asks_for = "Basic" if scope["path"].startswith("/ui") or scope["path"] == "/" else "Bearer"
        headers = {"WWW-Authenticate": f'{asks_for} realm="wallpaint"'}
        answer = problem(401, "this service wants its token: send the header Authorization: Bearer TOKEN.", headers)
        return await answer(scope, receive, send)

    def _fits(self, scope: Scope) -> bool:
        kind, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                _, _, password = base64.b64decode(credentials, validate=True).partition(b":")
            except (binascii.Error, ValueError):
                return False
            return hmac.compare_digest(password, self.token)
        return kind.lower() == "bearer" and hmac.compare_digest(credentials.strip().encode(), self.token)
