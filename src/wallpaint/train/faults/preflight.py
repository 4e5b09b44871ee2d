"""Everything a run needs looked for before anything is loaded, so that all that is missing is said at once."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from wallpaint.errors import SettingError, WallpaintError
from wallpaint.train.config.configuration import TrainingConfig

_PACKAGES = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",)}


def all_of(*finders: Callable[[], Any]) -> list[Any]:
    """What each finder gives.

    Raises
    ------
    WallpaintError
        The one that a finder raised; where several did, one that says them all.
    """
    found = [_found(find) for find in finders]
    faults = {str(fault): fault for fault in found if isinstance(fault, WallpaintError)}
    if len(faults) == 1:
        raise next(iter(faults.values()))
    if faults:
        told = "; ".join(f"({number}) {words.rstrip('.')}" for number, words in enumerate(faults, 1))
        raise WallpaintError(f"{len(faults)} things are missing: {told}.")
    return found


def _found(find: Callable[[], Any]) -> Any:
    """What it gives, or the error that it raises."""
    try:
        return find()
    except WallpaintError as error:
        return error


def check_trackers(config: TrainingConfig) -> None:
    """Raise `SettingError` where a tracker's package is not installed."""
    for tracker in config.trackers:
        if not any(map(_is_installed, _PACKAGES[tracker])):
            raise SettingError(f"trackers names {tracker}: pip install {tracker}, or leave it out: --set trackers=[].")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
