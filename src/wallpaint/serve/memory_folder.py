"""Temporary folder in memory for libraries that need files; deleted when the server ends, also after a signal."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: the folder of a killed server must be deleted by hand
    fcntl = None

_SHARED_MEMORY = Path("/dev/shm")  # Linux
_PREFIX = "wallpaint-serve-"
_GRADIO = "GRADIO_TEMP_DIR"
_MIN_FREE = 2 * 2**30  # bytes that must be free in shared memory to use it; containers often have 64 MiB
_SIGNALS = ("SIGTERM", "SIGHUP")  # by default they end a process without running its finally blocks


@contextmanager
def temporary_files_in_memory() -> Iterator[Path]:
    """Put temporary files (page uploads, previews) into a new folder, in shared memory if 2 GiB are free there.

    Otherwise the new folder is in the system's temporary folder. It is deleted on exit, also on SIGTERM and SIGHUP.
    Folders of servers that were killed are deleted on entry.

    Yields
    ------
    Path
        The new folder.
    """
    previous, previous_gradio = tempfile.tempdir, os.environ.get(_GRADIO)
    places = {_SHARED_MEMORY, Path(tempfile.gettempdir())}
    for place in places:
        _sweep(place)
    in_memory = _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free >= _MIN_FREE
    with _exit_on_signals(), _locked_folder(_SHARED_MEMORY if in_memory else None) as folder:
        page_folder = folder / "page"  # separate: the page serves any file in it
        page_folder.mkdir()
        tempfile.tempdir = str(folder)
        os.environ[_GRADIO] = str(page_folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = previous
            os.environ.pop(_GRADIO)
            if previous_gradio is not None:
                os.environ[_GRADIO] = previous_gradio


@contextmanager
def _locked_folder(place: Path | None) -> Iterator[Path]:
    """Create a folder and lock it until this process ends; delete it on exit."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        lock = _lock(folder)
        if folder.exists():  # otherwise another server deleted it before it was locked
            break
        _unlock(lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unlock(lock)


def _sweep(place: Path) -> None:
    """Delete the folders of servers that have ended."""
    for folder in place.glob(f"{_PREFIX}*") if fcntl else ():
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            _unlock(lock)


def _lock(folder: Path) -> int | None:
    """File descriptor that holds the folder's lock; None if another process holds it or locking is not supported."""
    if fcntl is None:
        return None
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # owned by another user, or not a folder
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel releases it when the process ends
    except OSError:
        os.close(lock)
        return None
    return lock


def _unlock(lock: int | None) -> None:
    if lock is not None:
        with suppress(OSError):
            os.close(lock)


@contextmanager
def _exit_on_signals() -> Iterator[None]:
    """Raise SystemExit on signals that would end the process without running its ``finally`` blocks."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
        if signal.getsignal(number) is signal.SIG_DFL:
            previous[number] = signal.signal(number, _exit)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
