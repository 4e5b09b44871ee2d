"""What can go wrong with what a person gives us: one sentence each, naming the thing, the fault and the cure.

The command line prints ``str(error)`` and exits 2; a service answers 4xx with the same sentence.
"""

from __future__ import annotations

import warnings
from os import PathLike, fspath

Source = str | PathLike[str]


class WallpaintError(Exception):
    """The root of every error a person can act on."""


class ColorError(WallpaintError):
    """A colour could not be understood, or no screen can show it."""


class CatalogError(WallpaintError):
    """A catalogue of named colours could not be read."""


class SettingError(WallpaintError):
    """An option has a value it cannot have."""


class FileError(WallpaintError):
    """A fault of one file: ``path: fault Cure``."""

    def __init__(self, path: Source | None, message: str) -> None:
        self.path = None if path is None else fspath(path)
        self.message = message
        super().__init__(self.path, message)  # what another process needs to raise it again

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class MissingFileError(FileError):
    """There is no file of this name, or it is a folder."""


class UnreadableImageError(FileError):
    """The file is no image, is cut short, or holds more pixels than is safe to open."""


class ImageTooLargeError(UnreadableImageError):
    """The image claims more pixels than the limit allows (a decompression bomb, or a scan)."""


class MaskError(FileError):
    """A mask that cannot stand for a wall."""


class EmptyMaskError(MaskError):
    """No pixel is marked as wall."""


class FullMaskError(MaskError):
    """Every pixel is marked as wall."""


class MaskSizeError(MaskError):
    """The mask and the photo differ in shape."""


class RoomFileError(FileError):
    """A stored room that is damaged, or no room at all."""


class ConfigError(FileError):
    """A training configuration that is no YAML, or has a key or a value it cannot have."""


class WeightsError(FileError):
    """A model's file or folder that is damaged, of another kind, or does not fit the others."""


class MissingWeightsError(WeightsError):
    """A part of a model is not on this machine; the message has the command that fetches it."""


class OutputError(FileError):
    """A result cannot be written there."""


class MissingExtraError(WallpaintError):
    """A part of wallpaint is wanted that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)

    def __str__(self) -> str:
        feature, extra = self.args
        return f"{feature} needs an optional part: pip install 'wallpaint[{extra}]'"


class ServiceError(WallpaintError):
    """The service cannot do this now, whatever was sent."""


class BusyError(ServiceError):
    """More work waits than the service takes; it may be worth asking again after `retry_after` seconds."""

    def __init__(self, waiting: int, retry_after: int) -> None:
        self.waiting, self.retry_after = waiting, retry_after
        super().__init__(waiting, retry_after)

    def __str__(self) -> str:
        return f"{self.waiting} pictures are waiting already. Ask again in {self.retry_after} seconds."


class TimeLimitError(ServiceError):
    """Work took longer, waiting included, than the service allows."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)

    def __str__(self) -> str:
        return f"this was not done within {self.seconds:g} seconds. Send a smaller picture, or ask for fewer steps."


class ClosingError(ServiceError):
    """The service is shutting down."""

    def __str__(self) -> str:
        return "the service is shutting down. Ask again when it is back."


class UnknownRoomError(WallpaintError):
    """A room that is not open, or no more."""

    def __init__(self, room: str) -> None:
        super().__init__(room)

    def __str__(self) -> str:
        return f"no room {self.args[0]!r} is open: rooms unused for long are closed. Open the photo again."


class WallpaintWarning(UserWarning):
    """Something was mended or guessed on the way: the result stands, but look at it."""


def warn_of(path: Source | None, message: str) -> None:
    """Tell the caller's caller, as a `WallpaintWarning`, what was mended in this file: ``path: message``."""
    warnings.warn(f"{fspath(path)}: {message}" if path else message, WallpaintWarning, stacklevel=3)
