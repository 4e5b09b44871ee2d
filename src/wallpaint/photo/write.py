"""A picture to a file: whole or not at all, in sRGB, with what made it written down."""

from __future__ import annotations

import errno
import io
import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wallpaint.errors import OutputError, Source
from wallpaint.photo.read import srgb_profile

_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {"compress_level": 4}),  # 6 takes twice as long and saves nothing on noisy photos
    ".jpg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".webp": ("WEBP", {"lossless": True, "quality": 20}),  # effort, not fidelity: 80 takes four times as long for 0.1 %
    ".tif": ("TIFF", {"compression": "tiff_lzw"}),
    ".tiff": ("TIFF", {"compression": "tiff_lzw"}),
}


def write_photo(
    path: Source, pixels: np.ndarray, *, metadata: Mapping[str, str] | None = None, source: Source | None = None
) -> None:
    """Write a picture in the format its extension names.

    Parameters
    ----------
    path : path
        ``.png``, ``.webp`` and ``.tif``/``.tiff`` keep every byte. ``.jpg``/``.jpeg`` (quality 95, 4:4:4) is lossy
        *everywhere*: pixels outside the mask change too, by a few code values. Missing folders are made.
    pixels : (H, W, 3) uint8 sRGB
    metadata : mapping of str to str, optional
        Into PNG text chunks; for the other formats into a JSON file beside the picture, ``painted.jpg.json``.
    source : path, optional
        The photo that was painted; `path` must not be the same file, nor a link to it.

    Raises
    ------
    OutputError
        Another extension, a folder or device, the source itself, or the place cannot be written.

    Notes
    -----
    Atomic: everything is written beside its goal and then renamed, so that a reader sees the old file or the new one,
    and a failure leaves nothing behind. A symbolic link stays, and the file it leads to is replaced; a file that was
    there keeps its permissions. Equal pixels and metadata make equal files. An sRGB profile is embedded.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3:
        raise ValueError(f"pixels must be (H, W, 3) uint8, not {pixels.shape} {pixels.dtype}")
    path = Path(path)
    picture_format = _checked_format(path)
    _refuse_source(path, source)
    contents = {path: _encoded(path, pixels, metadata or {})}
    if metadata and picture_format != "PNG":
        sidecar = path.with_name(path.name + ".json")
        contents[sidecar] = (json.dumps(dict(metadata), indent=2, ensure_ascii=False) + "\n").encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_files(contents)
    except OSError as error:
        named = [Path(name) for name in (error.filename2, error.filename) if isinstance(name, str)]
        raise OutputError.of(next((name for name in named if name in contents), path), error) from None


def photo_png(pixels: np.ndarray, metadata: Mapping[str, str] | None = None) -> bytes:
    """A picture as the PNG file that `write_photo` would write.

    pixels : (H, W, 3) uint8 sRGB.
    """
    return _encoded(Path("picture.png"), pixels, metadata or {})


def _checked_format(path: Path) -> str:
    if path.suffix.lower() not in _FORMATS:
        what = f"{path.suffix} is no format written here" if path.suffix else "the name has no extension"
        raise OutputError(path, f"{what}. Use one of {', '.join(_FORMATS)}.")
    if os.path.isdir(path):  # Path.is_dir raises where a name is too long, or a folder may not be looked into
        raise OutputError(path, f"this is a folder. Name a file in it, such as {path / 'painted.png'}.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise OutputError(path, "this is a device or a pipe, not a file. Choose another name.")
    return _FORMATS[path.suffix.lower()][0]


def _refuse_source(path: Path, source: Source | None) -> None:
    if source is None:
        return
    with suppress(OSError, ValueError):  # one of them is missing: then they are not the same file
        if os.path.samefile(path, source):
            raise OutputError(
                path, "this is the photo itself, which would be lost. Choose another name for the output."
            )


def _encoded(path: Path, pixels: np.ndarray, metadata: Mapping[str, str]) -> bytes:
    name, options = _FORMATS[path.suffix.lower()]
    options = {**options, "icc_profile": srgb_profile()}
    if name == "PNG" and metadata:
        options["pnginfo"] = _text_chunks(metadata)
    buffer = io.BytesIO()
    try:
        Image.fromarray(pixels).save(buffer, name, **options)
    except (OSError, ValueError) as error:  # WebP ends at 16,383 pixels a side, JPEG at 65,535
        size = f"{pixels.shape[1]:,} × {pixels.shape[0]:,}"
        raise OutputError(path, f"{size} pixels cannot be stored as {name} ({error}). Use .png or .tif.") from None
    return buffer.getvalue()


def _text_chunks(metadata: Mapping[str, str]) -> PngInfo:
    chunks = PngInfo()
    for key, text in metadata.items():
        if text.isascii():
            chunks.add_text(key, text)
        else:
            chunks.add_itxt(key, text)
    return chunks


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Stage every file beside its goal; rename them only when all are safely on the disk. Folders must exist.

    The goal of a symbolic link is where it leads to.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            goal = _end_of_links(path)
            staged[goal] = goal.with_name(f".{secrets.token_hex(8)}.part")
            with open(staged[goal], "xb") as file:
                file.write(content)
                file.flush()
                _keep_permissions(goal, staged[goal])
                os.fsync(file.fileno())
        for goal, stage in staged.items():
            os.replace(stage, goal)
        _sync_folders({goal.parent for goal in staged})
    finally:
        for stage in staged.values():
            stage.unlink(missing_ok=True)


def _end_of_links(path: Path) -> Path:
    """Where a symbolic link leads to, which need not exist; any other path as it is."""
    try:
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)  # raises here, before anything is written, for a bad name
    except FileNotFoundError:
        return path
    if not is_link:
        return path
    goal = Path(os.path.realpath(path))
    if goal.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return goal


def _keep_permissions(goal: Path, stage: Path) -> None:
    """Give a new file the mode, and where that is allowed the owner, of the one it is to replace."""
    if not os.path.isfile(goal):
        return
    before = os.stat(goal)
    with suppress(OSError, AttributeError):  # Windows has no owners; others' files may be kept by nobody but root
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(stage, before.st_uid, before.st_gid)
    with suppress(OSError):  # some network file systems have no modes
        os.chmod(stage, stat.S_IMODE(before.st_mode))


def _sync_folders(folders: set[Path]) -> None:
    """Make the renames themselves durable where the system knows how; Windows does not open folders."""
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
