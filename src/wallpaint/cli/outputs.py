"""Paths of results: default names beside the photo, and refusal to overwrite an input."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from wallpaint.errors import MissingFileError, OutputError, SettingError

_LONGEST_NAME = 255  # bytes; the limit of nearly all file systems


def beside(photo: Path, ending: str) -> Path:
    """Path of a result: the photo's with another ending, such as "-painted.png".

    The stem is shortened if the name would be too long for the file system.

    Raises
    ------
    SettingError
        The photo is read from a pipe, which has no folder.
    MissingFileError
        The path has no file name, such as ``.`` or ``/``.

    >>> beside(Path("photos/room.jpg"), "-painted.png").as_posix()
    'photos/room-painted.png'
    """
    if not photo.name or photo.name == "..":
        raise MissingFileError(photo, "this is a folder, not a picture. Name a file in it.")
    if os.path.exists(photo) and not os.path.isfile(photo) and not os.path.isdir(photo):
        raise SettingError(f"{photo} is a pipe or a device, so nothing can be written beside it: add --output NAME.")
    return photo.with_name(cut_to_bytes(photo.stem, _LONGEST_NAME - len(os.fsencode(ending))) + ending)


def cut_to_bytes(name: str, most: int) -> str:
    """The longest beginning of a name that fits into `most` bytes."""
    while len(os.fsencode(name)) > most:
        name = name[:-1]
    return name


def refuse_losses(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Refuse an output that is also an input or an earlier output, under any spelling, symbolic or hard link.

    Raises
    ------
    OutputError
        An output would overwrite an input or another output.
    """
    for place, path in enumerate(outputs):
        for other in (*inputs, *outputs[:place]):
            if is_same_place(path, other):
                raise OutputError(path, f"this is also {other}, which would be overwritten. Choose another name.")


def is_same_place(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    with suppress(OSError, ValueError):  # one of them does not exist, so they are not the same file
        return os.path.samefile(one, other)
    return False
