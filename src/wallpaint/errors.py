"""Errors that a user can act on: one line each that names the file or setting, the fault and the cure.

The command line prints ``str(error)`` and exits 2; the service returns a 4xx status with the same line.
"""

from __future__ import annotations

import errno
import unicodedata
import warnings
from os import PathLike, fspath, strerror

Source = str | PathLike[str]
_QUOTED = 60  # characters of a person's own text that a message repeats


def quoted(text: object) -> str:
    """A value as a message repeats it: its ``repr``, cut where it is longer than a sentence bears.

    >>> quoted("tan"), len(quoted("9" * 200_000)) < 100
    ("'tan'", True)
    """
    if isinstance(text, str) and len(text) > _QUOTED:
        return f"{text[:_QUOTED]!r}... ({len(text):,} characters)"
    return repr(text)


_UNSEEN = ("Cc", "Zl", "Zp", "Cs")  # control characters, line and paragraph separators, bytes that are no text
_REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # after which the rest reads backwards
_CURES = {
    errno.ENOSPC: "Free some space, or choose another place.",
    errno.EDQUOT: "Free some space, or choose another place.",
    errno.EFBIG: "Raise the limit (ulimit -f), or choose another disk.",
    errno.EACCES: "Check the permissions, or choose another place.",
    errno.EPERM: "Check the permissions, or choose another place.",
    errno.EROFS: "Choose another place.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EEXIST: "Choose another place: a file has the name of the folder that is needed.",
    errno.ENOTDIR: "Choose another place: a file has the name of the folder that is needed.",
    errno.EISDIR: "Name a file in this folder.",
    errno.ENOENT: "Check the path.",
    errno.ELOOP: "Mend the symbolic links, or choose another place.",
    errno.EMFILE: "Raise the limit of open files: ulimit -n 4096.",
}


def in_one_line(text: str) -> str:
    r"""Text that fills one line in every terminal and log.

    Names of files may hold anything: line breaks, escape sequences of terminals, bytes that are no text. These become
    escapes as Python writes them.

    >>> print(in_one_line("a\nb\x1b[31m.png"), in_one_line("caf\udce9.png"))
    a\nb\x1b[31m.png caf\xe9.png
    """
    return "".join(_visible(character) for character in text) if not text.isprintable() else text


def _visible(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"  # a byte of a name, as os.fsdecode hands it on
    if unicodedata.category(character) in _UNSEEN or character in _REORDERING:
        return character.encode("unicode_escape").decode()
    return character


def cure_of(error: OSError) -> str:
    """What a person can do where the system refused, one sentence."""
    return _CURES.get(error.errno or 0, "Choose another place.")


def reason_of(error: OSError) -> str:
    """What the system said, without the name of a file."""
    return error.strerror or (strerror(error.errno) if error.errno else str(error)) or type(error).__name__


class WallpaintError(Exception):
    """The base class of all errors that a user can act on."""


class ColorError(WallpaintError):
    """A colour that cannot be parsed, or that lies outside sRGB."""


class CatalogError(WallpaintError):
    """A catalogue of named colours that cannot be read."""


class SettingError(WallpaintError):
    """A setting with an invalid value."""


class FileError(WallpaintError):
    """A fault in one file: ``path: fault. Cure.``"""

    def __init__(self, path: Source | None, message: str) -> None:
        self.path = None if path is None else fspath(path)
        self.message = message
        super().__init__(self.path, message)  # the arguments that unpickling in another process needs

    def __str__(self) -> str:
        return in_one_line(f"{self.path}: {self.message}" if self.path else self.message)


class MissingFileError(FileError):
    """A file that does not exist, or is a folder."""


class UnreadableImageError(FileError):
    """A file that is not an image, is truncated, or has more pixels than is safe to decode."""


class ImageTooLargeError(UnreadableImageError):
    """An image with more pixels than the limit (a decompression bomb, or a scan)."""


class MaskError(FileError):
    """A mask that cannot be used."""


class EmptyMaskError(MaskError):
    """No pixel is marked as wall."""


class FullMaskError(MaskError):
    """Every pixel is marked as wall."""


class UnsureWallError(MaskError):
    """The wall was found automatically, but with too little confidence to paint it."""


class MaskSizeError(MaskError):
    """The mask and the photo differ in shape."""


class RoomFileError(FileError):
    """A file that is not a stored room, or a damaged one."""


class ConfigError(FileError):
    """A training configuration that is not YAML, or has an unknown key or an invalid value."""


class WeightsError(FileError):
    """A model file or folder that is damaged, of the wrong kind, or does not fit the other parts."""


class MissingWeightsError(WeightsError):
    """A part of a model is not on this machine; the message has the command that fetches it."""


class OutputError(FileError):
    """A result that cannot be written to this place."""

    @classmethod
    def of(cls, path: Source, error: OSError, what: str = "the file") -> OutputError:
        """From the system's refusal: what was refused, why, and the cure."""
        return cls(path, f"{what} cannot be written ({reason_of(error)}). {cure_of(error)}")


class MissingExtraError(WallpaintError):
    """A feature whose optional dependencies are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)

    def __str__(self) -> str:
        feature, extra = self.args
        return f"{feature} needs an optional part: pip install 'wallpaint[{extra}]'"


class ServiceError(WallpaintError):
    """The service cannot do this now; the request itself may be correct."""


class BusyError(ServiceError):
    """The queue is full; try again after `retry_after` seconds."""

    def __init__(self, waiting: int, retry_after: int) -> None:
        self.waiting, self.retry_after = waiting, retry_after
        super().__init__(waiting, retry_after)

    def __str__(self) -> str:
        return f"{self.waiting} pictures are waiting already. Ask again in {self.retry_after} seconds."


class TimeLimitError(ServiceError):
    """Work, waiting included, took longer than the service allows."""

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
    """A room that is not open, or was closed."""

    def __init__(self, room: str) -> None:
        super().__init__(room)

    def __str__(self) -> str:
        return f"no room {quoted(self.args[0])} is open: rooms unused for long are closed. Open the photo again."


class WallpaintWarning(UserWarning):
    """Something was corrected or guessed: the result is usable, but should be checked."""


def warn_of(path: Source | None, message: str) -> None:
    """Issue a `WallpaintWarning`, ``path: message``, at the caller of the caller."""
    warnings.warn(f"{fspath(path)}: {message}" if path else message, WallpaintWarning, stacklevel=3)
