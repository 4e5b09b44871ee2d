"""From the name or path of a model to its files on this machine."""

from __future__ import annotations

from pathlib import Path

from wallpaint.errors import MissingWeightsError, Source

_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")


def resolve_path(source: Source) -> Path:
    """The path itself if it exists; else the folder into which a known name or hub id was pulled.

    Raises
    ------
    MissingWeightsError
        The path does not exist, or the model was never pulled. Nothing is downloaded.
    SettingError
        It is neither a path, a known name nor a hub id.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    if isinstance(source, Path) or path.suffix in _FILES or str(source).startswith((".", "/", "~")):
        raise MissingWeightsError(source, "there is no such file or folder. Known models: wallpaint models list.")
    from wallpaint.diffusion.hub.download import find_model

    return find_model(str(source))
