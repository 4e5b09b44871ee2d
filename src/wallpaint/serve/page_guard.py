"""A guard before the Gradio page: the routes that the page uses, and files that the page made, nothing else.

Gradio copies the file that a request names into its cache and serves it from there; a mounted page does not check where
that file lies. So every path in a request is checked here, before Gradio sees it.
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

_EVENT_BYTES = 2**20  # of one event: the values of the page's controls; pictures travel as files
_FILE = re.compile(r"/ui/gradio_api/file=(?P<path>.+)", re.DOTALL)
_READ = re.compile(
    r"/ui/?|/ui/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)/?"
    r"|/ui/(assets|static|svelte|pwa_icon)(/[\w@~+-][\w@~+.-]*)+"
    r"|/ui/gradio_api/(info|startup-events|theme\.css|app_id|queue/data|queue/status|upload_progress)/?"
    r"|/ui/gradio_api/heartbeat/\w+"
)
_EVENTS = re.compile(r"/ui/gradio_api/(queue/join|run/predict|cancel|reset)/?")  # run/predict: those without a queue
_PARTS = re.compile(r"/ui/gradio_api/(upload|component_server)/?")  # multipart: contents, no names of files here


class PageGuard:
    """ASGI middleware: answers what the page does not do with 404, and paths that it did not make with 403.

    Parameters
    ----------
    app : ASGIApp
    folder : callable
        Gives the folder where Gradio puts uploads and previews.
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
        await problem(404, "the page has nothing here. The API is described at /docs.")(scope, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        async for chunk in Request(scope, receive).stream():
            body += chunk
            if len(body) > _EVENT_BYTES:
                answer = problem(413, f"an event of the page has at most {_EVENT_BYTES:,} bytes.")
                return await answer(scope, receive, send)
        try:
            event = json.loads(bytes(body))
        except (ValueError, RecursionError):
            return await problem(400, "an event of the page is JSON; this is none.")(scope, receive, send)
        for path in _paths(event):
            if not (isinstance(path, str) and self._made_by_page(path)):
                return await _refusal(path)(scope, receive, send)
        # Gradio gets what was checked, written anew: no second parser can find another path in the same bytes.
        checked = json.dumps(event).encode()
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["content-type"], headers["content-length"] = "application/json", str(len(checked))
        await self.app({**scope, "headers": headers.raw}, _replayed(checked, receive), send)

    def _made_by_page(self, path: str) -> bool:
        """Whether a path is that of a file in Gradio's folder; links are followed before it is judged."""
        try:
            folder, file = Path(self.folder()).resolve(), Path(path)
            return file.is_absolute() and file.resolve(strict=True).is_relative_to(folder) and file.is_file()
        except (OSError, ValueError, RuntimeError):  # no such file, NUL in it, a loop of links
            return False


def _paths(event: object) -> Iterator[object]:
    """What an event calls a path, at any depth."""
    waiting = [event]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("path") is not None:
                yield value["path"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _is_multipart(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")


def _refusal(path: object) -> Any:
    return problem(403, f"{quoted(path)} is no file that this page made. Upload the picture instead.")


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()  # tells of a client that leaves
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
