"""ASGI middleware in front of the Gradio page: allows only routes that the page uses and files that it made.

Gradio copies the file named in a request into its cache and serves it from there. A mounted page does not check where
the file is. Therefore every path in a request is checked here, before Gradio gets it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallpaint.errors import quoted
from wallpaint.serve.api.problem_details import problem

_EVENT_BYTES = 2**20  # maximum size of an event, which has values of controls; pictures are sent as files
_FILE = re.compile(r"/ui/gradio_api/file=(?P<path>.+)", re.DOTALL)
_READ = re.compile(
    r"/ui/?|/ui/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)/?"
    r"|/ui/(assets|static|svelte|pwa_icon)(/[\w@~+-][\w@~+.-]*)+"
    r"|/ui/gradio_api/(info|startup-events|theme\.css|app_id|queue/data|queue/status|upload_progress)/?"
    r"|/ui/gradio_api/heartbeat/\w+"
)
_EVENTS = re.compile(r"/ui/gradio_api/(queue/join|run/predict|cancel|reset)/?")  # run/predict: events without a queue
_PARTS = re.compile(r"/ui/gradio_api/(upload|component_server)/?")  # multipart: file contents, no paths on the server


class PageGuard:
    """ASGI middleware that refuses routes the page does not use (404) and files the page did not make (403).

    Parameters
    ----------
    app : ASGIApp
        The wrapped application.
    folder : callable
        Returns the folder where Gradio writes uploads and previews.
    """

    def __init__(self, app: ASGIApp, folder: Any) -> None:
        self.app, self.folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] not in ("http", "websocket") or not (path == "/ui" or path.startswith("/ui/")):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        if scope["method"] in ("GET", "HEAD"):
            file = _FILE.fullmatch(path)
            if file and not self._made_by_page(file["path"]):
                return await _refusal(file["path"])(scope, receive, send)
            if file or _READ.fullmatch(path):
                return await self.app(scope, receive, send)
        elif scope["method"] == "POST":
            if _PARTS.fullmatch(path) and _is_multipart(scope):
                return await self.app(scope, receive, send)
            if _EVENTS.fullmatch(path):
                return await self._event(scope, receive, send)
        await problem(404, "the page has no such route. The API is documented at /docs.")(scope, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        async for chunk in Request(scope, receive).stream():
            body += chunk
            if len(body) > _EVENT_BYTES:
                response = problem(413, f"the event has more than {_EVENT_BYTES:,} bytes. Send a smaller one.")
                return await response(scope, receive, send)
        try:
            event = json.loads(bytes(body))
        except (ValueError, RecursionError):
            return await problem(400, "the event is not valid JSON. Send a JSON object.")(scope, receive, send)
        for path in _paths(event):
            if not (isinstance(path, str) and self._made_by_page(path)):
                return await _refusal(path)(scope, receive, send)
        # Serialized again from the checked data, so that a second parser cannot find another path in the same bytes.
        checked = json.dumps(event).encode()
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["content-type"], headers["content-length"] = "application/json", str(len(checked))
        await self.app({**scope, "headers": headers.raw}, _replayed(checked, receive), send)

    def _made_by_page(self, path: str) -> bool:
        """Whether a path is a file in Gradio's folder; symbolic links are resolved first."""
        try:
            folder, file = Path(self.folder()).resolve(), Path(path)
            return file.is_absolute() and file.resolve(strict=True).is_relative_to(folder) and file.is_file()
        except (OSError, ValueError, RuntimeError):  # no such file, a NUL byte in the path, or a loop of links
            return False


def _paths(event: object) -> Iterator[object]:
    """Values of all keys ``path`` in an event, at any depth."""
    pending = [event]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if value.get("path") is not None:
                yield value["path"]
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _is_multipart(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")


def _refusal(path: object) -> Any:
    return problem(403, f"{quoted(path)} is not a file of this page. Upload the picture instead.")


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()  # waits for http.disconnect
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
