"""Errors of a full or read-only disk, from any of the libraries that write for a training, as one sentence."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from wallpaint.errors import OutputError

_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_BY_TORCH = ("inline_container", "PytorchStreamWriter", "iostream error")  # torch.save raises a bare RuntimeError
_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EPERM}
_FULL = 1 << 20  # bytes: less than any file of weights


@contextmanager
def writing(path: Path, cure: Callable[[], str]) -> Iterator[None]:
    """Raise what goes wrong while `path` is written as an `OutputError` that names it.

    cure : gives a sentence, what to do about it. Errors that are not of writing pass unchanged.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise OutputError(path, f"it cannot be written ({_reason(path, error)}). {cure()}") from error
    except RuntimeError as error:
        if not any(words in str(error) for words in _BY_TORCH):
            raise
        raise OutputError(path, f"it cannot be written ({_reason(path, error)}). {cure()}") from error


def check_output(folder: Path) -> None:
    """Raise `OutputError` where a folder cannot be made or written to; nothing is made yet."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists() or path.is_symlink())
    if not there.is_dir():
        raise OutputError(folder, f"{there} is a file, not a folder. Choose another: --output FOLDER.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(folder, f"{there} may not be written to. Choose another: --output FOLDER.")


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Raise an `OSError` of a full, failing or read-only disk as an `OutputError`; others pass unchanged.

    folder : named where the error names no file.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else folder
        raise OutputError(
            path, f"it cannot be written ({_reason(folder, error)}). Make room and run it again."
        ) from error


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of files, to the disk, where the file system can.

    Windows opens no folders; CIFS and some FUSE file systems cannot sync them. Writing may be reported to have failed
    only now, which is raised.

    Raises
    ------
    OSError
        A file's contents did not reach the disk.
    """
    if path.is_dir():
        with suppress(OSError):
            _sync(path, os.O_RDONLY)
        return
    try:
        _sync(path, os.O_RDWR)  # Windows syncs only what may be written to
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(path: Path, error: Exception) -> str:
    """torch tells positions in a file where the disk is full, so free space is looked at first."""
    there = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < _FULL or getattr(error, "errno", None) == errno.ENOSPC or "os error 28" in str(error):
        return f"the disk is full: {free / 1e6:.1f} MB are free"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0]
