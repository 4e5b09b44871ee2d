"""Several walls of one photo with a colour each, stored in a folder or a ZIP archive.

    walls.zip
        layers.json         {"layers": [{"name": "north wall", "color": "#b9a08c", "mask": "1-north-wall.png"}, …]}
        1-north-wall.png    8-bit grey, white is wall, the size of the photo

Each mask can be used with ``wallpaint paint --mask``. Where walls overlap, the later one is on top.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wallpaint.color import Color, parse_color
from wallpaint.errors import ColorError, FileError, MaskError, MissingFileError, OutputError, Source
from wallpaint.mask import read_mask
from wallpaint.photo import mask_png, write_files
from wallpaint.photo.decode import MAX_PIXELS, seekable

INDEX = "layers.json"
MAX_LAYERS = 100  #: walls of one photo
_MAX_BYTES = 64_000_000  # size of one unpacked file of an archive
# NotImplementedError: unsupported compression; RuntimeError: password needed; ValueError: a file name is not text.
_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)


@dataclass(frozen=True, eq=False)
class Layer:
    """One wall.

    Attributes
    ----------
    name : str
        The wall's name.
    mask : (H, W) float32
        [0, 1], 1 is wall.
    color : Color or None
        Colour to paint the wall in; None if it has not been chosen.
    """

    name: str
    mask: np.ndarray
    color: Color | None = None


def write_layers(path: Source, layers: Sequence[Layer]) -> None:
    """Write walls to a ZIP archive if the path ends in ``.zip``, else to a folder.

    Raises
    ------
    OutputError
        There are no walls or more than 100, or the path cannot be written.
    """
    path = Path(path)
    if not 1 <= len(layers) <= MAX_LAYERS:
        raise OutputError(path, f"{len(layers)} walls cannot be stored: choose 1 to {MAX_LAYERS}.")
    try:
        if path.suffix.lower() == ".zip":
            path.parent.mkdir(parents=True, exist_ok=True)
            write_files({path: layers_archive(layers)})
        else:
            path.mkdir(parents=True, exist_ok=True)
            write_files({path / name: content for name, content in _files_of(layers).items()})
    except OSError as error:
        raise OutputError.of(path, error, "the walls") from None


def layers_archive(layers: Sequence[Layer]) -> bytes:
    """Walls as the bytes of a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # PNG is packed already
        for name, content in _files_of(layers).items():
            archive.writestr(zipfile.ZipInfo(name), content)  # no time stamp: equal walls give equal files
    return buffer.getvalue()


def read_layers(
    source: Source | bytes,
    photo_shape: tuple[int, int],
    *,
    max_pixels: int = MAX_PIXELS,
    max_layers: int = MAX_LAYERS,
) -> list[Layer]:
    """Read walls.

    Parameters
    ----------
    source : path, or an archive's bytes
        A ZIP archive, which may come through a pipe, or a folder.
    photo_shape : (H, W)
        Size of the upright photo.
    max_pixels : int
        Largest number of pixels of a mask.
    max_layers : int
        Largest number of walls.

    Raises
    ------
    MissingFileError
        The archive or folder, its index or one of its masks is missing.
    FileError
        The archive is damaged or is not a ZIP archive, or the index has another structure.
    MaskError, UnreadableImageError
        A mask cannot be used; see `read_mask`.
    """
    path = None if isinstance(source, bytes) else os.fspath(source)
    read = _reader(source, path)
    layers = []
    for place, entry in enumerate(_entries(read(INDEX), path, max_layers), start=1):
        name, file, color = _checked(entry, place, path)
        try:
            layers.append(Layer(name, read_mask(read(file), photo_shape, max_pixels=max_pixels), color))
        except MaskError as error:
            raise type(error)(_within(path, file), error.message) from None
    return layers


def _files_of(layers: Sequence[Layer]) -> dict[str, bytes]:
    names = [f"{place}-{_plain(layer.name)}.png" for place, layer in enumerate(layers, start=1)]
    entries = [
        {"name": layer.name, "color": layer.color and layer.color.hex, "mask": name}
        for layer, name in zip(layers, names, strict=True)
    ]
    masks = {name: mask_png(layer.mask) for layer, name in zip(layers, names, strict=True)}
    return {**masks, INDEX: (json.dumps({"layers": entries}, indent=2, ensure_ascii=False) + "\n").encode()}


def _plain(name: str) -> str:
    """A wall's name as part of a file name.

    >>> _plain("North wall / left")
    'north-wall-left'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "wall"


def _reader(source: Source | bytes, path: str | None) -> Callable[[str], bytes]:
    """A function that reads a file of the folder or archive by its name."""
    if isinstance(source, bytes):
        return lambda name: _of_archive(io.BytesIO(source), name, None)
    home = Path(source)
    if os.path.isdir(home):
        return lambda name: _of_folder(home, name)
    if not os.path.exists(home):
        raise MissingFileError(path, "there is no such file or folder. Check the path.")
    if os.path.isfile(home):
        return lambda name: _of_archive(home, name, path)
    with open(home, "rb") as pipe:
        content = seekable(pipe, path).read()
    return lambda name: _of_archive(io.BytesIO(content), name, path)


def _of_folder(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise MissingFileError(
            folder / name, f"it cannot be read ({error.strerror}). Export the walls again."
        ) from None


def _of_archive(archive: Path | io.BytesIO, name: str, path: str | None) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(name) as file:
            content = file.read(_MAX_BYTES + 1)
    except KeyError:
        raise MissingFileError(path, f"there is no {name} in this archive. Export the walls again.") from None
    except _BAD_ARCHIVE as error:
        raise FileError(path, f"this is not a complete ZIP archive ({error}). Export the walls again.") from None
    if len(content) > _MAX_BYTES:
        raise FileError(path, f"{name} is larger than {_MAX_BYTES:,} bytes unpacked. Scale its mask down.")
    return content


def _entries(index: bytes, path: str | None, most: int) -> list[Any]:
    try:
        content = json.loads(index)
    except (ValueError, RecursionError):
        content = None
    entries = content.get("layers") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= most:
        raise FileError(_within(path, INDEX), f'it must be {{"layers": [1 to {most} walls]}}. Export the walls again.')
    return entries


def _checked(entry: Any, place: int, path: str | None) -> tuple[str, str, Color | None]:
    """Name, mask file and colour of an entry. The mask file must be in the index's own folder."""
    fields = entry if isinstance(entry, dict) else {}
    name, file, color = fields.get("name"), fields.get("mask"), fields.get("color")
    if not (isinstance(name, str) and isinstance(file, str) and isinstance(color, str | None)) or re.search(
        r"[\\/:\0]", file
    ):
        raise FileError(
            _within(path, INDEX),
            f'wall {place} needs "name", "mask" (a file in the same folder) and "color" (such as "#b9a08c", or null).',
        )
    try:
        return name, file, None if color is None else parse_color(color)
    except ColorError as error:
        raise FileError(_within(path, INDEX), f"wall {place}: {error}") from None


def _within(path: str | None, file: str) -> str:
    return f"{path}: {file}" if path else file
