"""One-line errors for a full or read-only disk, from all libraries that write files of a training."""

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
    """Convert errors while `path` is written to an `OutputError` with its name.

    cure : returns a sentence with the cure. Errors that have other causes are not changed.
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
    """Raise an `OutputError` if a folder cannot be created or written; nothing is created yet."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists() or path.is_symlink())
    if not existing.is_dir():
        raise OutputError(folder, f"{existing} is a file, not a folder. Choose another: --output FOLDER.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(folder, f"{existing} is not writable. Choose another: --output FOLDER.")


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Convert an `OSError` of a full, failing or read-only disk to an `OutputError`; others are not changed.

    folder : named in the message if the error names no file.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else folder
        raise OutputError(
            path, f"it cannot be written ({_reason(folder, error)}). Free disk space and run it again."
        ) from error


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of files, to the disk (fsync), if the file system supports it.

    Windows cannot open folders; CIFS and some FUSE file systems cannot sync them. Both cases are ignored.

    Raises
    ------
    OSError
        The contents of a file were not written; some file systems report a failed write only now.
    """
    if path.is_dir():
        with suppress(OSError):
            _sync(path, os.O_RDONLY)
        return
    try:
        _sync(path, os.O_RDWR)  # Windows syncs only files that are open for writing
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
    """The reason of a failed write. Free space is checked first, because torch does not report a full disk."""
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(existing).free
    if free < _FULL or getattr(error, "errno", None) == errno.ENOSPC or "os error 28" in str(error):
        return f"the disk is full: {free / 1e6:.1f} MB are free"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0]
