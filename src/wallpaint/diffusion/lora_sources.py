"""LoRAs as users name them: a file, a folder or a hub id, with or without a scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from wallpaint.diffusion.hub.resolve_path import resolve_part
from wallpaint.errors import SettingError

LoraSource = str | Path | tuple[str | Path, float]
Loras = tuple[tuple[Path, float | None], ...]  #: file or folder on this machine, and its own scale if it has one

_CURE = "Check the path, or give a hub id: owner/name, or owner/name:file."


def find_loras(given: LoraSource | Sequence[LoraSource] | None) -> Loras:
    """Find LoRAs on this machine; nothing is downloaded.

    Parameters
    ----------
    given : source or sequence of sources
        A file, a folder, or a hub id (``owner/name``, ``owner/name:file``); as text it may end in ``=0.6``, its scale.
        Or a tuple of a file and its scale.

    Returns
    -------
    tuple of (Path, float or None)
        In the same order; the scale is None if it is not given.

    Raises
    ------
    MissingWeightsError
        One is not on this machine; the message gives the command that fetches it, if it is a hub id.
    SettingError
        A scale is not a number, or a text is not a hub id.
    """
    sources = [] if given is None else [given] if isinstance(given, str | Path) or _is_scaled(given) else given
    found = []
    for source in cast("Sequence[LoraSource]", sources):
        name, scale = source if isinstance(source, tuple) else split_scale(source)
        found.append((resolve_part(name, _CURE), scale))
    return tuple(found)


def split_scale(source: str | Path) -> tuple[str | Path, float | None]:
    """Split ``FILE=SCALE``. A file with an equals sign in its name is taken as it is, if it exists.

    >>> split_scale("limewash.safetensors=0.6"), split_scale("owner/name")
    (('limewash.safetensors', 0.6), ('owner/name', None))

    Raises
    ------
    SettingError
        What follows the equals sign is not a number.
    """
    name, equals, scale = str(source).rpartition("=")
    if isinstance(source, Path) or not equals or Path(source).expanduser().exists():
        return source, None
    try:
        return name, float(scale)
    except ValueError:
        raise SettingError(f"the scale of {name} cannot be {scale!r}: write FILE=0.6, or FILE alone.") from None


def _is_scaled(given: object) -> bool:
    """Whether it is one source with its scale, not a sequence of sources."""
    return isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], int | float)
