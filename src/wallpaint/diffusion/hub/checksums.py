"""Checksums: whether the files of a fetched model are those that were published.

The hub names each large file by the SHA-256 of its content, and so does its cache on this machine: a snapshot's files
are links to ``blobs/SHA-256``. Small files have no such name and are not checked.
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
    """A file whose SHA-256 (64 hexadecimal digits) is `actual` and should be `published`."""

    path: Path
    published: str
    actual: str


def cached_checksums(snapshot: Path) -> dict[str, str]:
    """SHA-256 by path of the large files of a snapshot, from the names of the cache's blobs.

    Paths have forward slashes. The result is empty if the cache is on a file system without links.
    """
    links = [path for path in sorted(snapshot.rglob("*")) if path.is_symlink() and path.is_file()]
    named = {path.relative_to(snapshot).as_posix(): Path(os.readlink(path)).name for path in links}
    return {path: name for path, name in named.items() if _SHA256.fullmatch(name)}


def mismatches(snapshot: Path, published: Mapping[str, str]) -> list[Mismatch]:
    """The files of a snapshot whose content differs from `published` (SHA-256 by path, of files that exist)."""
    actual = {path: sha256(snapshot / path) for path in published}
    differing = [path for path in published if actual[path] != published[path]]
    return [Mismatch(snapshot / path, published[path], actual[path]) for path in differing]


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def delete_cached(path: Path) -> None:
    """Delete a snapshot's file and everything it links to, so that the next download fetches it again."""
    chain = [path]
    while chain[-1].is_symlink():
        chain.append(chain[-1].parent / os.readlink(chain[-1]))
    for link in chain:
        link.unlink(missing_ok=True)
