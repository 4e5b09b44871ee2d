"""Checks before a run loads anything, so that all missing files and packages are reported in one error."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from wallpaint.errors import SettingError, WallpaintError
from wallpaint.train.config.configuration import TrainingConfig

_PACKAGES = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",)}


def all_of(*finders: Callable[[], Any]) -> list[Any]:
    """The results of all finders.

    Raises
    ------
    WallpaintError
        The error of a finder; if several finders failed, one error with all their messages.
    """
    found = [_found(find) for find in finders]
    faults = {str(fault): fault for fault in found if isinstance(fault, WallpaintError)}
    if len(faults) == 1:
        raise next(iter(faults.values()))
    if faults:
        listed = "; ".join(f"({number}) {message.rstrip('.')}" for number, message in enumerate(faults, 1))
        raise WallpaintError(f"{len(faults)} things are missing: {listed}.")
    return found


def _found(find: Callable[[], Any]) -> Any:
    """The result of a finder, or the error that it raised."""
    try:
        return find()
    except WallpaintError as error:
        return error


def check_trackers(config: TrainingConfig) -> None:
    """Raise a `SettingError` if a tracker's package is not installed."""
    for tracker in config.trackers:
        if not any(map(_is_installed, _PACKAGES[tracker])):
            raise SettingError(
                f"trackers: {tracker} is not installed. Run pip install {tracker}, or remove it: --set trackers=[]."
            )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
