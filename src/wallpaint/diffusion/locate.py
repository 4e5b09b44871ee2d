"""Where a model is that a person named."""

from __future__ import annotations

from pathlib import Path

from wallpaint.errors import Source


def locate(source: Source) -> Path:
    """The folder or file itself if there is one; else where a known name or hub id was pulled to.

    Raises
    ------
    MissingWeightsError, SettingError
        See `find_model`; nothing is downloaded.
    """
    path = Path(source)
    if path.exists():
        return path
    from wallpaint.diffusion.hub import find_model

    return find_model(str(source))
