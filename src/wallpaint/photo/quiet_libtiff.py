"""Suppression of libtiff's messages on standard error, which would appear beside our one-line error."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from PIL import Image


@contextmanager
def quiet_libtiff() -> Iterator[None]:
    """Context in which Pillow's libtiff prints nothing; Pillow still raises its errors.

    No-op if Pillow's libtiff cannot be reached, as on Windows.
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
    """Functions that set libtiff's handlers: they take and return a function pointer; null disables messages."""
    try:
        library = ctypes.CDLL(Image.core.__file__)  # also searches the libraries that this one is linked to
        setters = [library.TIFFSetErrorHandler, library.TIFFSetWarningHandler]
    except (OSError, AttributeError):
        return []
    for setter in setters:
        setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
    return setters
