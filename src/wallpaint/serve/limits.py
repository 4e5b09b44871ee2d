"""Limits of one server: sizes, counts, times and memory."""

from __future__ import annotations

from dataclasses import dataclass, fields

from wallpaint.errors import SettingError


@dataclass(frozen=True)
class Limits:
    """Limits of a service. All are above 0.

    Attributes
    ----------
    request_bytes : int
        Maximum size of a request body, bytes.
    upload_seconds : float
        Maximum time to receive a request body, seconds. The headers have the same limit, but at most 20 seconds.
    pixels : int
        Maximum width × height of an uploaded picture.
    waiting : int
        Maximum number of requests in the queue besides the one that runs. Further requests get status 429.
    work_seconds : float
        Maximum time from entering the queue to the result, seconds.
    colors : int
        Maximum number of colours in a palette.
    points : int
        Maximum number of clicks and polygon corners in one selection.
    walls : int
        Maximum number of walls in a room, each with its own colour.
    rooms_bytes : int
        Maximum memory for all open photos, bytes. For the order in which photos are closed see `OpenRooms`.
    room_seconds : float
        Time without use after which a photo is closed, seconds.
    """

    request_bytes: int = 64 * 2**20
    upload_seconds: float = 60
    pixels: int = 40_000_000
    waiting: int = 16
    work_seconds: float = 300
    colors: int = 24
    points: int = 200
    walls: int = 12
    rooms_bytes: int = 2 * 2**30
    room_seconds: float = 1800

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                name = field.name.replace("_", " ")
                raise SettingError(f"the limit of {name} is {getattr(self, field.name)}: it must be greater than 0.")
