"""Atomic writing of sRGB pictures, with metadata."""

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
    ".png": ("PNG", {"compress_level": 4}),  # level 6 takes twice as long and saves nothing on noisy photos
    ".jpg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".webp": ("WEBP", {"lossless": True, "quality": 20}),  # effort, not fidelity: 80 takes four times as long for 0.1 %
    ".tif": ("TIFF", {"compression": "tiff_lzw"}),
    ".tiff": ("TIFF", {"compression": "tiff_lzw"}),
}


def write_photo(
    path: Source, pixels: np.ndarray, *, metadata: Mapping[str, str] | None = None, source: Source | None = None
) -> None:
    """Write a picture in the format of its file extension.

    Parameters
    ----------
    path : path
        ``.png``, ``.webp`` and ``.tif``/``.tiff`` are lossless. ``.jpg``/``.jpeg`` (quality 95, 4:4:4) is lossy
        *everywhere*: pixels outside the mask change too, by a few code values. Missing folders are created.
    pixels : (H, W, 3) uint8 sRGB
    metadata : mapping of str to str, optional
        Stored in PNG text chunks; for the other formats in a JSON file beside the picture, ``painted.jpg.json``.
    source : path, optional
        The photo that was painted; `path` must not be the same file, nor a link to it.

    Raises
    ------
    OutputError
        The extension is not supported, the path is a folder, a device or the source itself, or it cannot be written.

    Notes
    -----
    Atomic: each file is written under a temporary name in its folder and then renamed. A reader sees the old file or
    the new one, and a failure leaves no temporary file. A symbolic link is kept, and its target is replaced; an
    existing file keeps its permissions. Equal pixels and metadata give equal files. An sRGB profile is embedded.
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
    """PNG file of a picture, with the same bytes as `write_photo` writes.

    pixels : (H, W, 3) uint8 sRGB.
    """
    return _encoded(Path("picture.png"), pixels, metadata or {})


def _checked_format(path: Path) -> str:
    if path.suffix.lower() not in _FORMATS:
        what = f"{path.suffix} is not a supported output format" if path.suffix else "the name has no extension"
        raise OutputError(path, f"{what}. Use one of {', '.join(_FORMATS)}.")
    if os.path.isdir(path):  # Path.is_dir raises if a name is too long or a folder is not accessible
        raise OutputError(path, f"this is a folder. Name a file in it, such as {path / 'painted.png'}.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise OutputError(path, "this is a device or a pipe, not a file. Choose another name.")
    return _FORMATS[path.suffix.lower()][0]


def _refuse_source(path: Path, source: Source | None) -> None:
    if source is None:
        return
    with suppress(OSError, ValueError):  # one of them does not exist, so they are not the same file
        if os.path.samefile(path, source):
            raise OutputError(
                path, "this is the photo itself, which would be overwritten. Choose another name for the output."
            )


def _encoded(path: Path, pixels: np.ndarray, metadata: Mapping[str, str]) -> bytes:
    name, options = _FORMATS[path.suffix.lower()]
    options = {**options, "icc_profile": srgb_profile()}
    if name == "PNG" and metadata:
        options["pnginfo"] = _text_chunks(metadata)
    buffer = io.BytesIO()
    try:
        Image.fromarray(pixels).save(buffer, name, **options)
    except (OSError, ValueError) as error:  # WebP is limited to 16,383 pixels a side, JPEG to 65,535
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
    """Write every file under a temporary name, and rename them only after all are synced. Folders must exist.

    A symbolic link is kept, and its target is replaced.
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
    """Target of a symbolic link, which need not exist; any other path unchanged."""
    try:
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)  # an invalid name raises here, before anything is written
    except FileNotFoundError:
        return path
    if not is_link:
        return path
    goal = Path(os.path.realpath(path))
    if goal.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return goal


def _keep_permissions(goal: Path, stage: Path) -> None:
    """Copy the mode, and if allowed the owner, of the file to be replaced to the new file."""
    if not os.path.isfile(goal):
        return
    before = os.stat(goal)
    with suppress(OSError, AttributeError):  # Windows has no owners; only root may keep the owner of others' files
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(stage, before.st_uid, before.st_gid)
    with suppress(OSError):  # some network file systems have no modes
        os.chmod(stage, stat.S_IMODE(before.st_mode))


def _sync_folders(folders: set[Path]) -> None:
    """Make the renames durable with fsync on the folders; Windows cannot open folders."""
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
