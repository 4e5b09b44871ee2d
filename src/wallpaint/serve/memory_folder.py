"""A folder in memory for what libraries insist on putting into files: it ends with the server."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # Linux
_GRADIO = "GRADIO_TEMP_DIR"
_ROOM = 2 * 2**30  # bytes free in it that make it worth using; containers often have 64 MiB


@contextmanager
def temporary_files_in_memory() -> Iterator[Path]:
    """Temporary files (uploads to the page, previews) live in memory where there is room, else in the usual place.

    Either way in a folder of their own, which is deleted in the end.
    """
    in_memory = _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free >= _ROOM
    usual, usual_of_gradio = tempfile.tempdir, os.environ.get(_GRADIO)
    with tempfile.TemporaryDirectory(prefix="wallpaint-", dir=_SHARED_MEMORY if in_memory else None) as folder:
        tempfile.tempdir = folder
        os.environ[_GRADIO] = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = usual
            os.environ.pop(_GRADIO)
            if usual_of_gradio is not None:
                os.environ[_GRADIO] = usual_of_gradio
