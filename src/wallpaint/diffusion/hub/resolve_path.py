"""Where a model is that a person named."""

from __future__ import annotations

from pathlib import Path

from wallpaint.errors import MissingWeightsError, Source

_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")


def resolve_path(source: Source) -> Path:
    """The folder or file itself if there is one; else where a known name or hub id was pulled to.

    Raises
    ------
    MissingWeightsError
        It is not on this machine: a path leads nowhere, or a name was never pulled. Nothing is downloaded.
    SettingError
        It is neither a path nor such a name.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    if isinstance(source, Path) or path.suffix in _FILES or str(source).startswith((".", "/", "~")):
        raise MissingWeightsError(source, "there is no such file or folder. Models by name: wallpaint models list.")
    from wallpaint.diffusion.hub.download import find_model

    return find_model(str(source))
