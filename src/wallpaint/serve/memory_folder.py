"""A folder in memory for what libraries insist on putting into files: it ends with the server, however that ends."""

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
except ImportError:  # Windows, where a folder of a killed server stays until somebody deletes it
    fcntl = None

_SHARED_MEMORY = Path("/dev/shm")  # Linux
_PREFIX = "wallpaint-serve-"
_GRADIO = "GRADIO_TEMP_DIR"
_ROOM = 2 * 2**30  # bytes free in it that make it worth using; containers often have 64 MiB
_ENDING = ("SIGTERM", "SIGHUP")  # signals that end a process without running its finally blocks


@contextmanager
def temporary_files_in_memory() -> Iterator[Path]:
    """Temporary files (uploads to the page, previews) live in memory where there is room, else in the usual place.

    Either way in a folder of their own, which is deleted in the end: also on SIGTERM and SIGHUP, and what a killed
    server could not delete is deleted here, at the start of the next one.
    """
    usual, usual_of_gradio = tempfile.tempdir, os.environ.get(_GRADIO)
    places = {_SHARED_MEMORY, Path(tempfile.gettempdir())}
    for place in places:
        _sweep(place)
    in_memory = _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free >= _ROOM
    with _exit_on_signals(), _locked_folder(_SHARED_MEMORY if in_memory else None) as folder:
        of_page = folder / "page"  # apart: the page may serve whatever lies in it
        of_page.mkdir()
        tempfile.tempdir = str(folder)
        os.environ[_GRADIO] = str(of_page)
        try:
            yield folder
        finally:
            tempfile.tempdir = usual
            os.environ.pop(_GRADIO)
            if usual_of_gradio is not None:
                os.environ[_GRADIO] = usual_of_gradio


@contextmanager
def _locked_folder(place: Path | None) -> Iterator[Path]:
    """A new folder, locked for as long as this process lives; deleted in the end."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        lock = _lock(folder)
        if folder.exists():  # else another server swept it before it was locked
            break
        _unlock(lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unlock(lock)


def _sweep(place: Path) -> None:
    """Delete the folders of servers that live no more."""
    for folder in place.glob(f"{_PREFIX}*") if fcntl else ():
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            _unlock(lock)


def _lock(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None if another process holds it, or nothing can be locked here."""
    if fcntl is None:
        return None
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # another user's, or no folder
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it when the process ends
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
    """Have signals that would end the process at once end it through its ``finally`` blocks instead."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
        if signal.getsignal(number) is signal.SIG_DFL:
            usual[number] = signal.signal(number, _exit)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
