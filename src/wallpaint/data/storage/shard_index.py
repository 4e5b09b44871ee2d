"""Index of shards: the place of each sample in its tar file, for reading in any order."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wallpaint.data.storage.layout import Split
from wallpaint.data.storage.shards import StoredSample, check_count, open_shard, shard_counts
from wallpaint.errors import Source


@dataclass(frozen=True)
class IndexedSample:
    """A sample in a shard, before its pictures are read.

    Attributes
    ----------
    shard : Path
    name, source : str
        As in `Entry`.
    quality_score : float
        [0, 1].
    place : mapping of str to (int, int)
        First byte and length of each picture in the tar file.
    """

    shard: Path
    name: str
    source: str
    quality_score: float
    place: Mapping[str, tuple[int, int]]

    def read(self) -> StoredSample:
        """Raises `MissingFileError` or `FileError` if the shard is gone or damaged."""
        with open_shard(self.shard) as file:
            pictures = {kind: _bytes_at(file, *place) for kind, place in self.place.items()}
        image, mask, depth = pictures["image"], pictures["mask"], pictures.get("depth")
        return StoredSample(self.name, self.source, self.quality_score, image, mask, depth)


def index_shards(root: Source, split: Split) -> list[IndexedSample]:
    """All samples of a split, sorted by name. No picture is read.

    Raises
    ------
    MissingFileError, FileError
        There are no finished shards; or one is missing, damaged, or has another number of samples than its index says.
    """
    samples = []
    for path, count in shard_counts(root, split).items():
        with open_shard(path) as file:
            found = list(_in_tar(path, file))
        check_count(path, len(found), count)
        samples += found
    return sorted(samples, key=lambda sample: sample.name)


def _in_tar(path: Path, file: BinaryIO) -> Iterator[IndexedSample]:
    places: dict[str, dict[str, tuple[int, int]]] = {}
    with tarfile.open(fileobj=file, mode="r:") as tar:
        for member in tar:
            key, _, kind = member.name.partition(".")
            places.setdefault(key, {})[kind.partition(".")[0]] = (member.offset_data, member.size)
    for place in places.values():
        about = json.loads(_bytes_at(file, *place.pop("json")))
        yield IndexedSample(path, **about, place=place)


def _bytes_at(file: BinaryIO, first: int, length: int) -> bytes:
    file.seek(first)
    content = file.read(length)
    if len(content) < length:
        raise EOFError("it ends too early")
    return content
