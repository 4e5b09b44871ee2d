"""From the name or path of a model to its files on this machine."""

from __future__ import annotations

from pathlib import Path

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS
from wallpaint.errors import MissingWeightsError, Source

_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")


def resolve_path(source: Source) -> Path:
    """The path itself if it exists; else the place to which a known name or hub id was pulled.

    Parameters
    ----------
    source : path or str
        A file, a folder, a known name, or a hub id: ``owner/name``, ``owner/name@revision``, ``owner/name:file``.

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
    from wallpaint.diffusion.hub.repo import names_part

    is_path = isinstance(source, Path) or path.suffix in _FILES or str(source).startswith((".", "/", "~"))
    if is_path and not (isinstance(source, str) and names_part(source)):
        raise MissingWeightsError(source, "there is no such file or folder. Known models: wallpaint models list.")
    from wallpaint.diffusion.hub.download import find_model

    return find_model(str(source))


def resolve_part(source: Source, cure: str) -> Path:
    """`resolve_path` for a part of a model; `cure` is the last sentence of the error if there is no such file.

    A word without slash that is not a known name is taken as a file's name.

    Raises
    ------
    MissingWeightsError, SettingError
        See `resolve_path`.
    """
    path = Path(source).expanduser()
    is_word = "/" not in str(source) and str(source) not in (*KNOWN_MODELS, *MODEL_SETS)
    is_file = path.suffix in _FILES and ":" not in str(source)
    if not path.exists() and (isinstance(source, Path) or is_word or is_file or path.is_absolute()):
        raise MissingWeightsError(source, f"there is no such file or folder. {cure}")
    return resolve_path(source)
