"""What one server is willing to take, hold and wait for."""

from __future__ import annotations

from dataclasses import dataclass, fields

from wallpaint.errors import SettingError


@dataclass(frozen=True)
class Limits:
    """Bounds of a service; every one is above 0.

    Attributes
    ----------
    request_bytes : int
        Of one request's body.
    upload_seconds : float
        For one request's body to arrive, and before it, at most 20 of them, for its headers.
    pixels : int
        Width × height of any picture sent.
    waiting : int
        Requests that wait while one is worked on; further ones are told to come back.
    work_seconds : float
        From joining the queue to the answer.
    colors : int
        In one palette.
    points : int
        Clicks and corners on one wall.
    walls : int
        Of one room, each in a colour of its own.
    rooms_bytes : int
        Of all photos held open; the least recently used are closed first.
    room_seconds : float
        A photo unused for so long is closed.
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
                raise SettingError(f"the limit of {name} cannot be {getattr(self, field.name)}: choose more than 0.")
