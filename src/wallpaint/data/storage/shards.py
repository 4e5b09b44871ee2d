"""Shards: a dataset as a few large tar files, which WebDataset and others stream. Many small files are slow on network
disks.

``OUT/{train,validation}/shard-00000.tar``, and a ``shards.json`` with the number of samples in each. A sample's files
are stored byte for byte.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from wallpaint.data.storage.flat import measured, open_split, stored_splits
from wallpaint.data.storage.layout import SampleFolder, Split
from wallpaint.data.storage.pictures import Pictures, decode_pictures
from wallpaint.errors import FileError, MissingFileError, OutputError, SettingError, Source
from wallpaint.optional import needs_extra
from wallpaint.photo import write_files

with needs_extra("train", "Shards"):
    import webdataset
    from webdataset.tariterators import group_by_keys, tar_file_expander

INDEX_FILE = "shards.json"

_SIGNATURES = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"RIFF": "webp", b"II*\0": "tif", b"MM\0*": "tif"}
_PICTURES = ("image", "mask", "depth")


@dataclass(frozen=True)
class StoredSample:
    """A sample in a shard.

    Attributes
    ----------
    name, source : str
        As in `Entry`.
    quality_score : float
        [0, 1].
    image, mask : bytes
        Contents of the files.
    depth : bytes or None
    """

    name: str
    source: str
    quality_score: float
    image: bytes
    mask: bytes
    depth: bytes | None

    def decode(self) -> Pictures:
        """Raises as `decode_pictures`."""
        return decode_pictures(self.image, self.mask, self.depth)


def write_shards(
    root: Source,
    out: Source,
    *,
    per_shard: int = 500,
    validation_share: float = 0.1,
    done: Callable[[str], None] | None = None,
) -> dict[Split, int]:
    """Write a dataset into shards; equal datasets give equal shards, byte for byte.

    Parameters
    ----------
    root : path
        A dataset in either layout.
    out : path
        Folder; created if missing. Existing shards are overwritten.
    per_shard : int
        Samples in each shard, ≥ 1. Make several shards for each worker of each process that reads them.
    validation_share : float
        Share of validation samples in a flat folder, [0, 1].
    done : callable, optional
        Called with the name of each sample written.

    Returns
    -------
    dict of str to int
        Samples of each split.

    Raises
    ------
    SettingError
        `per_shard` is less than 1.
    WallpaintError
        The dataset cannot be read, or the folder cannot be written.
    """
    if per_shard < 1:
        raise SettingError(f"a shard of {per_shard} samples holds nothing: take 1 or more.")
    counts: dict[Split, int] = {}
    for split in stored_splits(root):
        folder = Path(out) / split
        samples = _stored_samples(open_split(root, split, validation_share), done)
        index: dict[str, int] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for first in samples:
                name = f"shard-{len(index):05d}.tar"
                index[name] = _write_whole(folder / name, chain([first], islice(samples, per_shard - 1)))
            write_files({folder / INDEX_FILE: (json.dumps(index, indent=2) + "\n").encode()})
        except OSError as error:
            raise OutputError(folder, f"shards cannot be written ({error.strerror or error}). Make room.") from None
        counts[split] = sum(index.values())
    return counts


def shard_counts(root: Source, split: Split) -> dict[Path, int]:
    """The shards of a split with their number of samples; `MissingFileError` or `FileError` without a valid index."""
    index = Path(root) / split / INDEX_FILE
    if not index.is_file():
        raise MissingFileError(index, "there are no finished shards. Write them: wallpaint data shards DATASET -o OUT")
    try:
        return {index.parent / name: int(count) for name, count in json.loads(index.read_text("utf-8")).items()}
    except (ValueError, TypeError, AttributeError):
        raise FileError(index, "this is not an index of shards. Write the shards again.") from None


def read_shard(path: Path, count: int) -> Iterator[StoredSample]:
    """The samples of a shard, in order.

    count : the expected number; `FileError` at the end if it differs, or earlier if the shard is damaged.
    """
    read = 0
    with open_shard(path) as file:
        for sample in _read_tar(file):
            read += 1
            yield sample
    check_count(path, read, count)


def check_count(path: Path, found: int, count: int) -> None:
    """Raise `FileError` if a shard holds another number of samples than its index says."""
    if found != count:
        raise FileError(path, f"this shard holds {found} samples of {count}. Copy it again, or write it again.")


@contextmanager
def open_shard(path: Path) -> Iterator[BinaryIO]:
    """Open a shard for reading; a missing or damaged one is a `MissingFileError` or `FileError` with its path."""
    try:
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError:
        raise MissingFileError(path, "this shard is missing. Copy it again, or write the shards again.") from None
    except (tarfile.TarError, EOFError, KeyError, StopIteration, ValueError) as error:
        reason = str(error.args[0]).splitlines()[0] if error.args and error.args[0] else type(error).__name__
        raise FileError(path, f"this shard is damaged ({reason}). Copy it again, or write it again.") from None


def _stored_samples(folder: SampleFolder, done: Callable[[str], None] | None) -> Iterator[StoredSample]:
    for entry in folder.entries:
        quality = measured(folder, entry).quality_score or 0.0
        image, mask = _bytes(folder.folder / entry.image), _bytes(folder.folder / entry.mask)
        depth = None if entry.depth is None else _bytes(folder.folder / entry.depth)
        yield StoredSample(entry.name, entry.source, quality, image, mask, depth)
        if done is not None:
            done(entry.name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFileError(
            path, f"the file cannot be read ({error.strerror}). Look at the rest with 'wallpaint data check'."
        ) from None


def _write_whole(path: Path, samples: Iterable[StoredSample]) -> int:
    """Write a shard under a temporary name, then rename it. Returns the number of its samples."""
    partial = path.with_name(f".{path.name}.part")
    count = 0

    def counted() -> Iterator[StoredSample]:
        nonlocal count
        for sample in samples:
            count += 1
            yield sample

    try:
        with open(partial, "wb") as file:
            _write_tar(file, counted())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write_tar(file: BinaryIO, samples: Iterable[StoredSample]) -> None:
    with webdataset.TarWriter(file, mtime=0) as tar:
        for number, sample in enumerate(samples):
            about = {"name": sample.name, "source": sample.source, "quality_score": sample.quality_score}
            pictures = {kind: getattr(sample, kind) for kind in _PICTURES}
            files = {f"{kind}.{_suffix(data)}": data for kind, data in pictures.items() if data is not None}
            tar.write({"__key__": f"{number:06d}", "json": json.dumps(about, ensure_ascii=False).encode(), **files})


def _read_tar(file: BinaryIO) -> Iterator[StoredSample]:
    for files in group_by_keys(tar_file_expander([{"url": "shard", "stream": file}])):
        pictures = {name.partition(".")[0]: data for name, data in files.items()}
        about = json.loads(files["json"])
        yield StoredSample(**about, image=pictures["image"], mask=pictures["mask"], depth=pictures.get("depth"))


def _suffix(picture: bytes) -> str:
    """The suffix by which other readers know the picture format."""
    return next((suffix for start, suffix in _SIGNATURES.items() if picture.startswith(start)), "picture")
