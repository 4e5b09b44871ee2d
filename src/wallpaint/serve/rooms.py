"""Open photos, kept in memory between requests within a budget of bytes and a time limit."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.errors import ImageTooLargeError, MaskError, UnknownRoomError
from wallpaint.painter import Repaint, Room
from wallpaint.photo import mask_picture
from wallpaint.serve.paint_options import Engines, PaintOptions

if TYPE_CHECKING:
    from wallpaint.mask.select import Finder, Layer, SelectedWall, WallSelector


@dataclass(frozen=True)
class FoundWall:
    """How a wall was found.

    Attributes
    ----------
    share : float
        Share of the photo that is wall, [0, 1].
    confidence : float
        Expected intersection over union with the wall meant, [0, 1].
    """

    share: float
    confidence: float


class OpenRoom:
    """Open photo with its current wall and painting.

    Attributes
    ----------
    id : str
        Random id. It is the only credential: every client that sends it can use the room.
    pixels : (H, W, 3) uint8
        sRGB, with all earlier walls painted.
    painted : Repaint or None
        Last painting of the current wall.
    layers : tuple of Layer
        Earlier walls with their colours, already painted in `pixels`.
    photo : (H, W, 3) uint8
        sRGB photo before any wall was painted.
    wall_name : str
        Layer name of the current wall.
    client : str
        Client that opened the room, see `wallpaint.serve.api.clients.client_of`.
    found : FoundWall or None
        How the current wall was found; None if it was sent or drawn.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        layers: tuple[Layer, ...] = (),
        photo: np.ndarray | None = None,
        client: str = "",
        finder: Finder | str = "auto",
    ) -> None:
        self.client = client
        self.finder = finder
        self.found: FoundWall | None = None
        self.id = secrets.token_urlsafe(12)
        self.pixels, self.layers = pixels, layers
        self.photo = pixels if photo is None else photo
        self.wall_name = f"Wall {len(layers) + 1}"
        self.painted: Repaint | None = None
        self._wall: np.ndarray | None = None
        self._opened: tuple[PaintOptions, Room] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def wall(self) -> np.ndarray | None:
        """Current wall, (H, W) float32 in [0, 1]; None before it is sent or selected."""
        return self._wall

    @wall.setter
    def wall(self, alpha: np.ndarray | None) -> None:
        self._wall = (
            None if alpha is None else mask_picture(alpha).astype(np.float32) / 255
        )  # quantized as in the mask file
        self._opened = None
        self.painted = None
        self.found = None

    def set_found(self, wall: SelectedWall) -> None:
        """Set the current wall to one that was found."""
        self.wall = wall.mask
        self.found = FoundWall(wall.share, wall.confidence)

    @property
    def required_wall(self) -> np.ndarray:
        """Same as `wall`, but raises `MaskError` if there is none."""
        if self._wall is None:
            raise missing_wall_error()
        return self._wall

    @property
    def required_painting(self) -> Repaint:
        """Same as `painted`, but raises `MaskError` if there is none."""
        if self.painted is None:
            raise MaskError(None, "the wall of this room is not painted yet. Paint it first (in the API: /v1/paint).")
        return self.painted

    @property
    def all_layers(self) -> tuple[Layer, ...]:
        """All walls with their colours, the current one last. Raises `MaskError` if there is no current wall."""
        from wallpaint.mask.select import Layer

        color = None if self.painted is None else self.painted.color
        return (*self.layers, Layer(self.wall_name, self.required_wall, color))

    def with_another_wall(self) -> OpenRoom:
        """New room from the last painting, for the next wall. Raises `MaskError` if there is no painting."""
        return OpenRoom(self.required_painting.image, self.all_layers, self.photo, self.client, self.finder)

    @cached_property
    def selector(self) -> WallSelector:
        """Wall selector for this photo, which analyses it once."""
        from wallpaint.mask.select import WallSelector

        return WallSelector(self.pixels, self.finder)

    def opened_in(self, engines: Engines, options: PaintOptions) -> Room:
        """Photo and wall, opened in the engine of these options. The result for the last options is cached.

        Raises
        ------
        MaskError
            The room has no wall.
        SettingError
            The service does not have the engine.
        """
        wall = self.required_wall
        if self._opened is None or self._opened[0] != options:
            self._opened = None  # free its memory before opening the next
            self._opened = options, engines.repainter(options).open(self.pixels, wall)
        return self._opened[1]

    @property
    def bytes(self) -> int:
        """Memory of all arrays of the room in bytes, including those that the engine computed."""
        return array_bytes(self)


def missing_wall_error() -> MaskError:
    """Error for work on a room without a wall."""
    return MaskError(None, "no wall is marked yet. Click on it (in the API: /v1/mask), or send its mask.")


class OpenRooms:
    """Open rooms by id, within a memory budget.

    Over the budget, the least recently used room of the client with the most memory is closed. So one client can use
    the whole budget if no other client needs it, but cannot close the rooms of clients that use less memory.

    Parameters
    ----------
    budget : int
        Maximum memory of all rooms plus the work on one of them, bytes.
    seconds : float
        Time without use after which a room is closed, seconds.
    clock : callable
        Returns monotonic seconds.
    """

    def __init__(self, budget: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget, self.seconds = budget, seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, OpenRoom] = {}  # ordered by last use, oldest first
        self._used: dict[str, float] = {}
        self._bytes: dict[str, int] = {}

    def keep(self, room: OpenRoom) -> OpenRoom:
        """Keep a room open, or update its size and time of use; closes other rooms if memory is needed.

        Raises
        ------
        ImageTooLargeError
            The room alone needs more than the budget.
        """
        size = room.bytes
        with self._lock:
            self._forget(room.id)
            self.check(size)
            self._free_memory(size, room.client)
            self._rooms[room.id], self._used[room.id], self._bytes[room.id] = room, self._clock(), size
        return room

    def check(self, size: int) -> None:
        """Raise `ImageTooLargeError` if `size` bytes are more than the whole budget."""
        if size > self.budget:
            raise ImageTooLargeError(
                None, f"this photo needs {size:,} bytes of memory, the limit is {self.budget:,}. Scale it down."
            )

    def free_memory(self, size: int, client: str, in_use: str = "") -> None:
        """Close rooms until `size` more bytes are free for work of this client.

        Parameters
        ----------
        size : int
            Memory needed, bytes.
        client : str
            Client that the memory is counted for.
        in_use : str
            Id of a room that is not closed.
        """
        with self._lock:
            self._free_memory(size, client, in_use)

    def get(self, room_id: str) -> OpenRoom:
        """Open room with this id; updates its time of use. Raises `UnknownRoomError`."""
        with self._lock:
            self._close_idle()
            if room_id not in self._rooms:
                raise UnknownRoomError(room_id)
            room, size = self._rooms[room_id], self._bytes[room_id]
            self._forget(room_id)
            self._rooms[room_id], self._used[room_id], self._bytes[room_id] = room, self._clock(), size
            return room

    def close(self, room_id: str) -> None:
        """Close a room. Raises `UnknownRoomError`."""
        with self._lock:
            if room_id not in self._rooms:
                raise UnknownRoomError(room_id)
            self._forget(room_id)

    def clear(self) -> None:
        """Close all rooms."""
        with self._lock:
            for room_id in list(self._rooms):
                self._forget(room_id)

    def __len__(self) -> int:
        with self._lock:
            self._close_idle()
            return len(self._rooms)

    @property
    def bytes(self) -> int:
        """Memory of all rooms in bytes."""
        with self._lock:
            return sum(self._bytes.values())

    def _free_memory(self, size: int, client: str, in_use: str = "") -> None:
        self._close_idle()
        while sum(self._bytes.values()) + size > self.budget:
            held = Counter({client: size})
            for room_id, room in self._rooms.items():
                held[room.client] += self._bytes[room_id]
            closable = [(held[room.client], room_id) for room_id, room in self._rooms.items() if room_id != in_use]
            if not closable:
                return
            most = max(share for share, _ in closable)
            self._forget(next(room_id for share, room_id in closable if share == most))

    def _close_idle(self) -> None:
        for room_id in [each for each, used in self._used.items() if self._clock() - used > self.seconds]:
            self._forget(room_id)

    def _forget(self, room_id: str) -> None:
        for table in (self._rooms, self._used, self._bytes):
            table.pop(room_id, None)


def array_bytes(thing: object) -> int:
    """Bytes of all arrays reachable from an object through attributes, tuples, lists, mappings and closures.

    >>> array_bytes({"a": np.zeros(4, np.uint8), "b": [np.zeros(2, np.float32)]})
    12
    """
    return sum(array.nbytes for array in _arrays(thing, set()))


def _arrays(thing: object, seen: set[int]) -> Iterator[np.ndarray]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        if isinstance(thing.base, np.ndarray):
            yield from _arrays(thing.base, seen)
        else:
            yield thing
        return
    parts: list[object] = []
    if isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, list | tuple):
        parts = list(thing)
    elif type(thing).__module__.startswith("wallpaint."):
        parts = list(vars(thing).values()) if hasattr(thing, "__dict__") else []
    elif callable(thing):  # a partial, or a closure such as that which estimates the light
        parts = [getattr(thing, "args", ()), getattr(thing, "keywords", {})]
        parts += [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    for part in parts:
        yield from _arrays(part, seen)
