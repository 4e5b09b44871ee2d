"""libtiff without its own lines on standard error, which would stand beside the one sentence of an error."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from PIL import Image


@contextmanager
def quiet_libtiff() -> Iterator[None]:
    """While this lasts, Pillow's libtiff prints nothing; Pillow raises its errors in any case.

    Where Pillow was built so that its libtiff cannot be reached, as on Windows, nothing happens.
    """
    setters = _setters()
    before = [setter(None) for setter in setters]
    try:
        yield
    finally:
        for setter, handler in zip(setters, before, strict=True):
            setter(handler)


@cache
def _setters() -> list[Any]:
    """What sets libtiff's handlers, which take and give a pointer to a function; a null pointer is silence."""
    try:
        library = ctypes.CDLL(Image.core.__file__)  # looks through the libraries that this one was linked to
        setters = [library.TIFFSetErrorHandler, library.TIFFSetWarningHandler]
    except (OSError, AttributeError):
        return []
    for setter in setters:
        setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
    return setters
