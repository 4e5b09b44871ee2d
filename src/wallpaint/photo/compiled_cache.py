"""Writable cache folder for numba, which compiles the edge refinement.

numba caches compiled code beside the sources, or in the user's cache folder. In a container with another user, or on a
read-only file system, it can write to neither, and refuses to compile. It then gets a temporary folder, into which the
code compiled at installation is copied.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wallpaint.errors import SettingError

_MEMORY = "/dev/shm"  # often the only writable folder: Docker mounts it into every container
_VARIABLE = "NUMBA_CACHE_DIR"


def provide_compiled_cache(package: str) -> Path | None:
    """Ensure that numba can cache a package; return the temporary folder if one was needed, else None.

    Child processes use the same folder. Call this before the package is imported.

    Raises
    ------
    SettingError
        No folder is writable.
    """
    from numba import core
    from numba.misc.appdirs import AppDirs

    sources = _source_folders(package)
    own = [folder / "__pycache__" for folder in sources]
    config: Any = core.config
    chosen = config.CACHE_DIR
    if (chosen and _can_write(Path(chosen))) or (own and all(map(_can_write, own))):
        return None
    if _can_write(Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)):
        return None
    folder = private_folder()
    _copy_compiled(sources, folder)
    config.CACHE_DIR = os.environ[_VARIABLE] = str(folder)
    return folder


def private_folder() -> Path:
    """Temporary folder that only this user can write to, the same in every process.

    Cached code is executed, so a folder that another user created under this name is not used.

    Raises
    ------
    SettingError
        No temporary folder is writable.
    """
    for place in _temporary_places():
        folder = place / f"wallpaint-compiled-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(folder) and _can_write(folder):
                return folder
            return Path(tempfile.mkdtemp(prefix="wallpaint-compiled-", dir=place))
    raise SettingError(
        "the compiled code of the edge refinement cannot be cached: no folder is writable. Set NUMBA_CACHE_DIR to a "
        "writable folder, or use --edges hard."
    )


def _temporary_places() -> Iterable[Path]:
    with suppress(FileNotFoundError):
        yield Path(tempfile.gettempdir())
    if os.path.isdir(_MEMORY):
        yield Path(_MEMORY)


def _is_private(folder: Path) -> bool:
    if not hasattr(os, "getuid"):  # Windows: the temporary folder is the user's own
        return True
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o077


def _can_write(folder: Path) -> bool:
    """Whether a file can be created, tried as numba does: permissions do not show a read-only disk or root."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _source_folders(package: str) -> list[Path]:
    spec = find_spec(package)
    roots = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    return sorted({file.parent for root in roots for file in root.rglob("*.py")})


def _copy_compiled(sources: Iterable[Path], folder: Path) -> None:
    """Copy the code compiled at installation to the paths that numba searches; numba checks whether it is current."""
    try:
        from numba.core.caching import _CacheLocator

        place_of = _CacheLocator.get_suitable_cache_subpath
    except (ImportError, AttributeError):  # another numba version: it compiles again, about one minute
        return
    for source in sources:
        target = folder / place_of(str(source / "any.py"))
        for compiled in (source / "__pycache__").glob("*.nb[ic]"):
            with suppress(OSError):
                target.mkdir(mode=0o700, exist_ok=True)
                if not (target / compiled.name).exists():
                    shutil.copyfile(compiled, target / compiled.name)
