"""The dataset layout: ``ROOT/{train,validation}/{images,masks,depth}/NAME.png``, and one line for each sample in
``ROOT/{train,validation}/metadata.jsonl``, with paths relative to the split's folder.

`pictures` reads and writes the picture files.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from wallpaint.data.storage.pictures import Pictures, decode_pictures, depth_png, is_whole_png
from wallpaint.errors import FileError, MissingFileError, OutputError, Source
from wallpaint.photo import mask_png, png_bytes, write_files

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = get_args(Split)
METADATA = "metadata.jsonl"


def split_of(scene: str, validation_share: float) -> Split:
    """The split of a scene, from a hash of its name: independent of other scenes, their order, and the run.

    >>> [split_of(scene, 0.5) for scene in ("attic", "bedroom", "cellar")]
    ['validation', 'train', 'train']
    """
    return "validation" if name_hash(scene) < validation_share * 2**64 else "train"


def name_hash(name: str) -> int:
    """Hash of a name: a number in [0, 2⁶⁴), the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Entry:
    """The metadata of one sample.

    Attributes
    ----------
    image, mask : str
        Paths relative to the split's folder, with forward slashes.
    depth : str or None
    quality_score : float or None
        `mask_quality(image, mask).score`, [0, 1]; None if it was not measured yet.
    source : str
        The scene in the picture; all samples of a scene are in one split.
    """

    image: str
    mask: str
    depth: str | None
    quality_score: float | None
    source: str

    @property
    def name(self) -> str:
        return Path(self.image).stem

    @property
    def files(self) -> list[str]:
        return [path for path in (self.image, self.mask, self.depth) if path is not None]


class SampleFolder:
    """Samples stored in a folder, for reading.

    Attributes
    ----------
    folder : Path
        The folder that the entries' paths are relative to.
    entries : list of Entry
    """

    def __init__(self, folder: Path, entries: list[Entry]) -> None:
        self.folder = folder
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[Entry, Pictures]]:
        return ((entry, self.read(entry)) for entry in self.entries)

    def read(self, entry: Entry) -> Pictures:
        """The pictures of a sample; raises as `decode_pictures`."""
        return read_pictures(self.folder, entry)


class SplitFolder(SampleFolder):
    """One split of a dataset.

    Raises
    ------
    MissingFileError
        There is no metadata file.
    FileError
        A line is invalid; the message gives its number. An incomplete last line is ignored: the writing run was stopped
        there, or is still running.
    """

    def __init__(self, root: Source, split: Split) -> None:
        folder = Path(root) / split
        super().__init__(folder, _read_entries(folder / METADATA))


class SplitWriter:
    """One split of a dataset, for writing by one process. It is safe to kill the process at any moment.

    A sample's files are written atomically, then its line: a sample with a line is complete. Opening a folder repairs
    it: incomplete lines are removed, and lines with a missing or truncated file, so that the sample is written again.

    Attributes
    ----------
    names : set of str
        Names of the samples in the folder.
    """

    def __init__(self, root: Source, split: Split) -> None:
        self.folder = Path(root) / split
        for kind in ("images", "masks", "depth"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True)
            for leftover in (self.folder / kind).glob(".*.part"):
                leftover.unlink(missing_ok=True)
        self.names = self._mend()

    def add(
        self,
        name: str,
        image: np.ndarray,
        mask: np.ndarray,
        depth: np.ndarray | None,
        quality_score: float,
        source: str,
    ) -> Entry:
        """Store a sample.

        Parameters
        ----------
        name : str
            Not yet in `names`.
        image, mask, depth, quality_score, source
            As in `write_pictures`.

        Raises
        ------
        OutputError
            The disk is full, or the folder is not writable.
        """
        entry = write_pictures(self.folder, name, Pictures(image, mask, depth), quality_score, source)
        self.record(entry)
        return entry

    def record(self, entry: Entry) -> None:
        """Add the line of a sample whose files were written by `write_pictures`; raises as `add`."""
        if entry.name in self.names:
            raise ValueError(f"{entry.name} is in {self.folder} already")
        try:
            with open(self.folder / METADATA, "a", encoding="utf-8") as metadata:
                metadata.write(_line(entry))
                metadata.flush()
                os.fsync(metadata.fileno())
        except OSError as error:
            raise _unwritable(self.folder, entry.name, error) from None
        self.names.add(entry.name)

    def _mend(self) -> set[str]:
        path = self.folder / METADATA
        if not path.exists():
            return set()
        whole = [
            entry for entry in _read_entries(path) if all(is_whole_png(self.folder / file) for file in entry.files)
        ]
        if "".join(map(_line, whole)).encode() != path.read_bytes():
            rewrite_metadata(self.folder, whole)
        return {entry.name for entry in whole}


def read_pictures(folder: Path, entry: Entry) -> Pictures:
    """The pictures of a sample whose paths are relative to `folder`; raises as `decode_pictures`."""
    depth = None if entry.depth is None else folder / entry.depth
    return decode_pictures(folder / entry.image, folder / entry.mask, depth)


def write_pictures(folder: Path, name: str, pictures: Pictures, quality_score: float, source: str) -> Entry:
    """Store a sample's files atomically, without its line; any process may do so.

    Parameters
    ----------
    folder : Path
        The split's folder, opened by a `SplitWriter` before.
    name : str
    pictures : Pictures
        The image as (H, W, 3) uint8 sRGB.
    quality_score : float
    source : str
        The scene.

    Raises
    ------
    OutputError
        The disk is full, or the folder is not writable.
    """
    file = f"{name}.png"
    depth = None if pictures.depth is None else f"depth/{file}"
    entry = Entry(f"images/{file}", f"masks/{file}", depth, round(float(quality_score), 4), source)
    contents = {
        folder / entry.image: png_bytes(pictures.image),
        folder / entry.mask: mask_png(pictures.mask),
    }
    if pictures.depth is not None:
        contents[folder / f"depth/{file}"] = depth_png(pictures.depth)
    try:
        write_files(contents)
    except OSError as error:
        raise _unwritable(folder, name, error) from None
    return entry


def rewrite_metadata(folder: Path, entries: Iterable[Entry]) -> None:
    """Replace all lines of a split atomically. Raises `OutputError`."""
    try:
        write_files({folder / METADATA: "".join(map(_line, entries)).encode()})
    except OSError as error:
        raise _unwritable(folder, METADATA, error) from None


def _unwritable(folder: Path, what: str, error: OSError) -> OutputError:
    return OutputError(folder, f"{what} cannot be written ({error.strerror or error}). Make room and run it again.")


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry), ensure_ascii=False) + "\n"


def _read_entries(path: Path) -> list[Entry]:
    if not path.is_file():
        raise MissingFileError(path, "there is no such file, so this folder is not a split of a dataset.")
    *lines, unfinished = path.read_text(encoding="utf-8", errors="replace").split("\n")
    entries = [_parse(line) for line in lines]
    if None in entries:
        raise FileError(
            path,
            f"line {entries.index(None) + 1} is not a sample: it needs image, mask, depth, quality_score and source. "
            "Remove it.",
        )
    return [entry for entry in [*entries, _parse(unfinished)] if entry is not None]


def _parse(line: str) -> Entry | None:
    """None for an invalid or incomplete line."""
    try:
        entry = Entry(**json.loads(line))
    except (json.JSONDecodeError, TypeError):
        return None
    texts = isinstance(entry.image, str) and isinstance(entry.mask, str) and isinstance(entry.depth, str | None)
    return entry if texts and isinstance(entry.quality_score, int | float | None) else None
