"""Are a fetched model's files the bytes that were published?

The hub names each large file by the SHA-256 of its content, and so does its cache on this machine: a snapshot's files
are links to ``blobs/SHA-256``. What is small has no such name and no checksum here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Mismatch:
    """A file whose SHA-256 (64 hexadecimal digits) is `actual` where it should be `published`."""

    path: Path
    published: str
    actual: str


def cached_checksums(snapshot: Path) -> dict[str, str]:
    """SHA-256 by path, with forward slashes, of the large files of a snapshot, from the names of the cache's blobs.

    A cache on a file system without links has no such names: then nothing is known without asking the hub.
    """
    links = [path for path in sorted(snapshot.rglob("*")) if path.is_symlink() and path.is_file()]
    named = {path.relative_to(snapshot).as_posix(): Path(os.readlink(path)).name for path in links}
    return {path: name for path, name in named.items() if _SHA256.fullmatch(name)}


def mismatches(snapshot: Path, published: Mapping[str, str]) -> list[Mismatch]:
    """The files of a snapshot whose content is not what was published: SHA-256 by path, of files that exist."""
    actual = {path: sha256(snapshot / path) for path in published}
    differing = [path for path in published if actual[path] != published[path]]
    return [Mismatch(snapshot / path, published[path], actual[path]) for path in differing]


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def forget(path: Path) -> None:
    """Remove a snapshot's file together with all it links to, so that the next download fetches it anew."""
    chain = [path]
    while chain[-1].is_symlink():
        chain.append(chain[-1].parent / os.readlink(chain[-1]))
    for link in chain:
        link.unlink(missing_ok=True)
