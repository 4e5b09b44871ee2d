"""A hub on this machine: answers as huggingface.co does to what huggingface_hub asks, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

LARGE = 2_000  # bytes from which a file is kept in LFS
_API = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(/(?P<what>revision|tree)/(?P<revision>.+))?")
_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
_CDN = re.compile(r"/cdn/(?P<repo>[^/]+/[^/]+)/(?P<path>.+)")


@dataclass
class Repo:
    commit: str
    files: dict[str, bytes]
    gated: bool = False


@dataclass
class Asked:
    method: str
    path: str
    range: str | None


@dataclass
class HubServer:
    """`drops` bytes of a file are sent and the connection closed, once; `stalls`, and then nothing more, ever.

    `corrupted` files arrive with one byte changed. `asked` is every request about a model.
    """

    repos: dict[str, Repo] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)
    stalls: dict[str, int] = field(default_factory=dict)
    corrupted: set[str] = field(default_factory=set)
    is_hub: bool = True
    asked: list[Asked] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> HubServer:
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def other_host(self) -> str:
        """Where large files are, as they are on the real hub: a redirect to there is not followed for a HEAD."""
        return self.endpoint.replace("127.0.0.1", "localhost")

    def stand_in(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        """Make huggingface_hub take this for its hub, and a folder for its home."""
        template = self.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        monkeypatch.setattr(constants, "ENDPOINT", self.endpoint)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "token"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    def fetched(self) -> list[str]:
        """Paths of the files whose content was asked for."""
        matches = [
            _CDN.fullmatch(ask.path) or _RESOLVE.fullmatch(ask.path) for ask in self.asked if ask.method == "GET"
        ]
        return sorted({match["path"] for match in matches if match})

    def ranges(self, path: str) -> list[str | None]:
        """The Range of each request for a file's content, in order."""
        return [ask.range for ask in self.asked if ask.method == "GET" and ask.path.endswith(f"/{path}")]


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that was killed is no error."""


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if not self.hub.is_hub:
            return self._send(b"<html>Welcome</html>")
        match = _API.fullmatch(path) or _CDN.fullmatch(path) or _RESOLVE.fullmatch(path)
        if match is None:
            return self._refuse(404)
        self.hub.asked.append(Asked(self.command, path, self.headers.get("Range")))
        repo = self.hub.repos.get(match["repo"])
        if repo is None:
            return self._refuse(404, "RepoNotFound")
        if repo.gated and match.re is not _API:
            return self._refuse(403, "GatedRepo")
        asked = match.groupdict()
        if asked.get("revision") not in (None, "main", repo.commit):
            return self._refuse(404, "RevisionNotFound")
        if match.re is _API:
            return self._send(
                json.dumps(_tree(repo) if asked["what"] == "tree" else _info(match["repo"], repo)).encode()
            )
        return self._file(match["repo"], repo, asked["path"], from_cdn=match.re is _CDN)

    def _file(self, name: str, repo: Repo, path: str, from_cdn: bool) -> None:
        content = repo.files.get(path)
        if content is None:
            return self._refuse(404, "EntryNotFound")
        headers = {"ETag": f'"{_git_id(content)}"', "X-Repo-Commit": repo.commit}
        if len(content) >= LARGE and not from_cdn:
            headers |= {"X-Linked-Etag": f'"{checksum(content)}"', "X-Linked-Size": str(len(content))}
            return self._send(b"", 302, {**headers, "Location": f"{self.hub.other_host}/cdn/{name}/{path}"})
        if path in self.hub.corrupted:
            content = bytes([content[0] ^ 1]) + content[1:]
        return self._send(content, headers=headers, path=path)

    def _send(
        self, content: bytes, status: int = 200, headers: dict[str, str] | None = None, path: str | None = None
    ) -> None:
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if start and status == 200:
            status, whole, content = 206, len(content), content[int(start[1]) :]
            headers = {**(headers or {}), "Content-Range": f"bytes {start[1]}-{whole - 1}/{whole}"}
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        with suppress(ConnectionError):
            if path in self.hub.drops:
                self.wfile.write(content[: self.hub.drops.pop(path)])
                self.close_connection = True
            elif path in self.hub.stalls:
                self.wfile.write(content[: self.hub.stalls[path]])
                self.hub.stalled.set()
                self.hub.released.wait(30)
                self.close_connection = True
            else:
                self.wfile.write(content)

    def _refuse(self, status: int, code: str | None = None) -> None:
        self._send(b"", status, {"X-Error-Code": code} if code else None)


def _info(name: str, repo: Repo) -> dict[str, object]:
    siblings = [
        {"rfilename": path, "size": len(content), "blobId": _git_id(content)}
        | (
            {"lfs": {"size": len(content), "sha256": checksum(content), "pointerSize": 130}}
            if _is_large(content)
            else {}
        )
        for path, content in repo.files.items()
    ]
    return {"id": name, "modelId": name, "sha": repo.commit, "siblings": siblings, "tags": [], "downloads": 0}


def _tree(repo: Repo) -> list[dict[str, object]]:
    return [
        {"type": "file", "path": path, "size": len(content), "oid": _git_id(content)}
        | ({"lfs": {"oid": checksum(content), "size": len(content), "pointerSize": 130}} if _is_large(content) else {})
        for path, content in repo.files.items()
    ]


def _is_large(content: bytes) -> bool:
    return len(content) >= LARGE
