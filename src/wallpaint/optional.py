"""Optional dependencies: imports that need an extra, and package faces whose names are imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lazy_loader

from wallpaint.errors import MissingExtraError


@contextmanager
def needs_extra(extra: str, feature: str) -> Iterator[None]:
    """Imports in this block need an extra of the package.

    Parameters
    ----------
    extra : str
        Such as "diffusion", for ``pip install 'wallpaint[diffusion]'``.
    feature : str
        The subject of the error message, such as "Depth estimation".

    Raises
    ------
    MissingExtraError
        One of the imports failed.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(feature, extra) from error


Face = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def lazy_face(package: str, file: str, *, extra: str | None = None, feature: str = "") -> Face:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package whose names are imported on first use.

    The names and their modules stand in the ``__init__.pyi`` beside `file`, which type checkers read too.

    Parameters
    ----------
    package, file : str
        ``__name__`` and ``__file__`` of the package.
    extra, feature : str
        As in `needs_extra`, if importing any of the modules needs an extra.
    """
    fetch, names, public = lazy_loader.attach_stub(package, file)
    if extra is None:
        return fetch, names, public

    def fetch_with_extra(name: str) -> Any:
        try:
            return fetch(name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("wallpaint"):
                raise
            raise MissingExtraError(feature, extra) from error

    return fetch_with_extra, names, public
