"""A dataset on disk: ``ROOT/{train,validation}/{images,masks,depth}/NAME.png``, and a line about each in
``ROOT/{train,validation}/metadata.jsonl`` with paths relative to the split's own folder.

Images are 8-bit RGB without a profile, that is sRGB; masks 8-bit grey, 255 = wall; depth 16-bit grey, 65,535 = 1 = near
(see `wallpaint.photo.depth`).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image

from wallpaint.errors import FileError, MissingFileError, OutputError, Source, UnreadableImageError
from wallpaint.photo import read_mask, read_photo, write_files
from wallpaint.photo.decode import open_image

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = get_args(Split)
METADATA = "metadata.jsonl"

_PNG_END = b"IEND\xaeB`\x82"


def split_of(scene: str, validation_share: float) -> Split:
    """The split a scene belongs to: by a hash of its name, so that no other scene, order or run changes it.

    >>> [split_of(scene, 0.5) for scene in ("attic", "bedroom", "cellar")]
    ['validation', 'train', 'train']
    """
    digest = hashlib.blake2b(scene.encode(), digest_size=8).digest()
    return "validation" if int.from_bytes(digest, "big") < validation_share * 2**64 else "train"


@dataclass(frozen=True)
class Entry:
    """What the metadata say of one sample.

    Attributes
    ----------
    image, mask : str
        Paths relative to the split's folder, with forward slashes.
    depth : str or None
    quality_score : float
        `mask_quality(image, mask).score`, [0, 1].
    source : str
        The scene the picture shows; all samples of a scene are in one split.
    """

    image: str
    mask: str
    depth: str | None
    quality_score: float
    source: str

    @property
    def name(self) -> str:
        return Path(self.image).stem

    @property
    def files(self) -> list[str]:
        return [path for path in (self.image, self.mask, self.depth) if path is not None]


@dataclass(frozen=True)
class Pictures:
    """What a sample's files hold: image (H, W, 3) uint8 sRGB; mask (H, W) float32 in [0, 1]; depth (H, W) float32 in
    [0, 1], near = 1, or None."""

    image: np.ndarray
    mask: np.ndarray
    depth: np.ndarray | None


class SplitFolder:
    """One split of a dataset, for reading.

    Raises
    ------
    MissingFileError
        There is no metadata file.
    FileError
        A line of it makes no sense; the message names it. A last line that was cut short is passed over: the run that
        writes the folder was stopped there, or is still writing.
    """

    def __init__(self, root: Source, split: Split) -> None:
        self.folder = Path(root) / split
        self.entries = _read_entries(self.folder / METADATA)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[tuple[Entry, Pictures]]:
        return ((entry, self.read(entry)) for entry in self.entries)

    def read(self, entry: Entry) -> Pictures:
        """The pictures of a sample; the errors are those of `read_photo` and `read_mask`."""
        image = read_photo(self.folder / entry.image)
        shape = (image.shape[0], image.shape[1])
        mask = read_mask(self.folder / entry.mask, shape)
        depth = None if entry.depth is None else _read_depth(self.folder / entry.depth, shape)
        return Pictures(image, mask, depth)


class SplitWriter:
    """One split of a dataset, for writing by one process, which may be killed at any moment.

    A sample's files are written whole, then its line: what has a line is complete. Opening a folder mends it: a line
    cut short is taken out, and so is a line one of whose files is missing or truncated, so that it is written again.

    Attributes
    ----------
    names : set of str
        Of the samples that are there.
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
        image : (H, W, 3) uint8
            sRGB.
        mask : (H, W) float
            [0, 1].
        depth : (H, W) float or None
            [0, 1], near = 1.
        quality_score : float
        source : str
            Its scene.

        Raises
        ------
        OutputError
            The disk is full or the folder may not be written to.
        """
        if name in self.names:
            raise ValueError(f"{name} is in {self.folder} already")
        file = f"{name}.png"
        depth_path = None if depth is None else f"depth/{file}"
        entry = Entry(f"images/{file}", f"masks/{file}", depth_path, round(float(quality_score), 4), source)
        contents = {
            self.folder / entry.image: _png(image),
            self.folder / entry.mask: _png(np.round(np.clip(mask, 0, 1) * 255).astype(np.uint8)),
        }
        if depth is not None:
            contents[self.folder / f"depth/{file}"] = _png(np.round(np.clip(depth, 0, 1) * 65535).astype(np.uint16))
        try:
            write_files(contents)
            with open(self.folder / METADATA, "a", encoding="utf-8") as metadata:
                metadata.write(_line(entry))
                metadata.flush()
                os.fsync(metadata.fileno())
        except OSError as error:
            raise OutputError(
                self.folder, f"{name} cannot be written ({error.strerror or error}). Make room and run it again."
            ) from None
        self.names.add(name)
        return entry

    def _mend(self) -> set[str]:
        path = self.folder / METADATA
        if not path.exists():
            return set()
        whole = [entry for entry in _read_entries(path) if all(_is_whole(self.folder / file) for file in entry.files)]
        mended = "".join(map(_line, whole)).encode()
        if mended != path.read_bytes():
            write_files({path: mended})
        return {entry.name for entry in whole}


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry), ensure_ascii=False) + "\n"


def _read_entries(path: Path) -> list[Entry]:
    if not path.is_file():
        raise MissingFileError(path, "there is no such file, so this is no split of a dataset.")
    *lines, unfinished = path.read_text(encoding="utf-8", errors="replace").split("\n")
    entries = [_parse(line) for line in lines]
    if None in entries:
        raise FileError(
            path,
            f"line {entries.index(None) + 1} is no sample: it takes image, mask, depth, quality_score and source. "
            "Remove it.",
        )
    return [entry for entry in [*entries, _parse(unfinished)] if entry is not None]


def _parse(line: str) -> Entry | None:
    """None for what is no line of ours, a line cut short among them."""
    try:
        return Entry(**json.loads(line))
    except (json.JSONDecodeError, TypeError):
        return None


def _is_whole(path: Path) -> bool:
    """Whether a PNG reaches its end: files are renamed into place, so only damage from outside can shorten one."""
    try:
        with open(path, "rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            return file.read() == _PNG_END
    except OSError:
        return False


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _read_depth(path: Path, shape: tuple[int, int]) -> np.ndarray:
    values = np.asarray(open_image(path).image)
    if values.shape != shape or values.max(initial=0) > 65535:
        size = " × ".join(f"{side:,}" for side in values.shape)
        raise UnreadableImageError(
            path, f"this is no depth map of the image ({size} {values.dtype}, wanted {shape[0]:,} × {shape[1]:,} grey)."
        )
    return values.astype(np.float32) / (255 if values.dtype == np.uint8 else 65535)
