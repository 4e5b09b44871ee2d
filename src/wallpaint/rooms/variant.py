"""Selection of the Mitsuba variant: vectorised on LLVM if a usable libLLVM is found, else scalar.

An incompatible libLLVM aborts the process. So each candidate is tested in a child process with a tiny render, and the
result is cached in the user's cache folder until the library or Mitsuba changes.
"""

from __future__ import annotations

import functools
import glob
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from wallpaint.optional import needs_extra

LLVM, SCALAR = "llvm_ad_rgb", "scalar_rgb"
ENVIRONMENT = "DRJIT_LIBLLVM_PATH"
PROBE_SECONDS = 60
HINT = (
    "No usable libLLVM was found: rooms are rendered with Mitsuba's scalar variant, several times slower. "
    "Debian and Ubuntu: apt install libllvm19; elsewhere set DRJIT_LIBLLVM_PATH to a recent libLLVM (19 is tested)."
)

_PLACES = (
    "/usr/lib/*-linux-gnu/libLLVM*.so*",
    "/usr/lib/llvm-*/lib/libLLVM*.so*",
    "/usr/lib64/libLLVM*.so*",
    "/usr/lib64/llvm*/lib*/libLLVM*.so*",
    "/usr/lib/libLLVM*.so*",
    "/usr/local/lib/libLLVM*.so*",
    "/opt/homebrew/opt/llvm*/lib/libLLVM*.dylib",
    "/usr/local/opt/llvm*/lib/libLLVM*.dylib",
    "C:/Program Files/LLVM/bin/LLVM-C.dll",
)
_PROBE = """
import mitsuba as mi
mi.set_variant("llvm_ad_rgb")
scene = mi.cornell_box()
scene["sensor"]["film"].update(width=4, height=4)
import numpy as np
assert np.array(mi.render(mi.load_dict(scene), spp=1)).mean() > 0
print("good")
"""
_log = logging.getLogger(__name__)


@functools.cache
def choose_variant() -> str:
    """Choose ``llvm_ad_rgb`` or ``scalar_rgb``; for the former, set ``DRJIT_LIBLLVM_PATH`` in this process.

    A library named in ``DRJIT_LIBLLVM_PATH`` is tried first. If none is usable, a warning explains how to install one.
    """
    named = os.environ.get(ENVIRONMENT)
    for library in candidates():
        if works(library):
            if named and Path(named) != library:
                _log.warning("Mitsuba cannot use %s=%s; %s is used instead.", ENVIRONMENT, named, library)
            os.environ[ENVIRONMENT] = str(library)
            return LLVM
    _log.warning(HINT)
    return SCALAR


def activate() -> str:
    """Set Mitsuba's variant to the one this machine can run, and return its name."""
    with needs_extra("rooms", "Rendering rooms"):
        import mitsuba
    chosen = choose_variant()
    mitsuba.set_variant(chosen)
    return chosen


def candidates() -> list[Path]:
    """Libraries to try: the one named in the environment, then those in the usual places, newest version first."""
    named = os.environ.get(ENVIRONMENT)
    found = {Path(os.path.realpath(path)) for place in _PLACES for path in glob.glob(place)}
    by_version = sorted(found, key=_library_version, reverse=True)
    return [*([Path(named)] if named else []), *(path for path in by_version if str(path) != named)]


def works(library: Path) -> bool:
    """Whether Mitsuba renders with this library, by a test in a child process or from the cache."""
    try:
        key = f"{library}:{library.stat().st_mtime_ns}:{_installed('mitsuba')}:{_installed('drjit')}"
    except OSError:
        return False
    remembered = _read_cache()
    if key not in remembered:
        remembered[key] = _probe(library)
        _write_cache(remembered)
    return remembered[key]


def _probe(library: Path) -> bool:
    try:
        result = subprocess.run(
            [sys.executable, "-c", _PROBE],
            env={**os.environ, ENVIRONMENT: str(library)},
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and result.stdout.strip().endswith(b"good")


def _library_version(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.name))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def cache_file() -> Path:
    """File of the cached test results: ``$XDG_CACHE_HOME/wallpaint/llvm.json`` or the platform's equivalent."""
    return Path(next(_cache_folders())) / "wallpaint" / "llvm.json"


def _cache_folders() -> Iterator[str]:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if folder := os.environ.get(name):
            yield folder
    yield os.path.expanduser("~/.cache")


def _read_cache() -> dict[str, bool]:
    try:
        content = json.loads(cache_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): bool(value) for key, value in content.items()} if isinstance(content, dict) else {}


def _write_cache(verdicts: dict[str, bool]) -> None:
    target = cache_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
            json.dump(verdicts, file, indent=1)
        os.replace(file.name, target)
    except OSError:
        _log.debug("The test result of libLLVM could not be cached in %s.", target)
