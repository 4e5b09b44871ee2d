"""Photos that are open: held in memory within a budget of bytes and a time, painted as often as anybody likes."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.errors import ImageTooLargeError, MaskError, UnknownRoomError
from wallpaint.painter import Repaint, Room
from wallpaint.photo import mask_picture
from wallpaint.serve.paint_options import Engines, PaintOptions

if TYPE_CHECKING:
    from wallpaint.mask.select import Layer, WallSelector


class OpenRoom:
    """A photo somebody is at work on.

    Attributes
    ----------
    id : str
        Hard to guess: who knows it may use the room.
    pixels : (H, W, 3) uint8
        sRGB.
    painted : Repaint or None
        How it was painted last, with the wall it has now.
    layers : tuple of Layer
        The walls that were painted before, and are in `pixels` already.
    photo : (H, W, 3) uint8
        Before any wall was painted.
    wall_name : str
        What its layer is called.
    client : str
        Who opened it, see `wallpaint.serve.api.clients.client_of`.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        layers: tuple[Layer, ...] = (),
        photo: np.ndarray | None = None,
        client: str = "",
    ) -> None:
        self.client = client
        self.id = secrets.token_urlsafe(12)
        self.pixels, self.layers = pixels, layers
        self.photo = pixels if photo is None else photo
        self.wall_name = f"Wall {len(layers) + 1}"
        self.painted: Repaint | None = None
        self._wall: np.ndarray | None = None
        self._painted_in: tuple[PaintOptions, Room] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def wall(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1], or None until one is given or clicked."""
        return self._wall

    @wall.setter
    def wall(self, alpha: np.ndarray | None) -> None:
        self._wall = None if alpha is None else mask_picture(alpha).astype(np.float32) / 255  # what its file will say
        self._painted_in = None
        self.painted = None

    @property
    def known_wall(self) -> np.ndarray:
        """As `wall`; raises `MaskError` where there is none yet."""
        if self._wall is None:
            raise no_wall()
        return self._wall

    @property
    def known_painting(self) -> Repaint:
        """As `painted`; raises `MaskError` where there is none yet."""
        if self.painted is None:
            raise MaskError(None, "this room's wall was not painted yet. Paint it first (in the API: /v1/paint).")
        return self.painted

    @property
    def all_layers(self) -> tuple[Layer, ...]:
        """Every wall with its colour, this one last. Raises `MaskError` if it has none yet."""
        from wallpaint.mask.select import Layer

        color = None if self.painted is None else self.painted.color
        return (*self.layers, Layer(self.wall_name, self.known_wall, color))

    def with_another_wall(self) -> OpenRoom:
        """The room as it is painted now, for its next wall. Raises `MaskError` if it was not painted yet."""
        return OpenRoom(self.known_painting.image, self.all_layers, self.photo, self.client)

    @cached_property
    def selector(self) -> WallSelector:
        """Finds the wall somebody clicks on."""
        from wallpaint.mask.select import WallSelector

        return WallSelector(self.pixels)

    def look(self, engines: Engines, recipe: PaintOptions) -> Room:
        """The photo as this recipe's engine sees it; the last look is kept.

        Raises
        ------
        MaskError
            The room has no wall yet.
        SettingError
            There is no such engine here.
        """
        wall = self.known_wall
        if self._painted_in is None or self._painted_in[0] != recipe:
            self._painted_in = None  # let go of the one before taking the other
            self._painted_in = recipe, engines.repainter(recipe).open(self.pixels, wall)
        return self._painted_in[1]

    @property
    def bytes(self) -> int:
        """What its pictures take, those that the engine worked out included."""
        return held_bytes(self)


def no_wall() -> MaskError:
    """The refusal of work on a room whose wall nobody has shown yet."""
    return MaskError(None, "no wall is marked yet. Click on it (in the API: /v1/mask), or send its mask.")


class OpenRooms:
    """Rooms by id.

    Where they take more than the budget, the client whose rooms take most loses the one it used least recently: a
    single client can fill what nobody else needs, and cannot close the rooms of clients that hold less.

    Parameters
    ----------
    budget : int
        Bytes that all rooms together may take, and the work on one of them meanwhile.
    seconds : float
        A room unused for so long is closed.
    clock : callable
        Seconds, never going back.
    """

    def __init__(self, budget: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget, self.seconds = budget, seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, OpenRoom] = {}  # the least recently used first
        self._used: dict[str, float] = {}
        self._bytes: dict[str, int] = {}

    def keep(self, room: OpenRoom) -> OpenRoom:
        """Hold a room, or note that it has grown; others are closed to make place for it.

        Raises
        ------
        ImageTooLargeError
            The room alone takes more than the budget.
        """
        size = room.bytes
        with self._lock:
            self._forget(room.id)
            self.check(size)
            self._make_place(size, room.client)
            self._rooms[room.id], self._used[room.id], self._bytes[room.id] = room, self._clock(), size
        return room

    def check(self, size: int) -> None:
        """Raises `ImageTooLargeError` for a room of more bytes than the whole budget."""
        if size > self.budget:
            raise ImageTooLargeError(
                None, f"this photo takes {size:,} bytes of memory; {self.budget:,} are set aside. Scale it down."
            )

    def make_place(self, size: int, client: str, worked_on: str = "") -> None:
        """Close rooms until `size` bytes more are free, before work of this client takes them; not `worked_on`."""
        with self._lock:
            self._make_place(size, client, worked_on)

    def get(self, room_id: str) -> OpenRoom:
        """An open room, which counts as used now. Raises `UnknownRoomError`."""
        with self._lock:
            self._close_idle()
            if room_id not in self._rooms:
                raise UnknownRoomError(room_id)
            room, size = self._rooms[room_id], self._bytes[room_id]
            self._forget(room_id)
            self._rooms[room_id], self._used[room_id], self._bytes[room_id] = room, self._clock(), size
            return room

    def close(self, room_id: str) -> None:
        """Let go of a room. Raises `UnknownRoomError`."""
        with self._lock:
            if room_id not in self._rooms:
                raise UnknownRoomError(room_id)
            self._forget(room_id)

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            for room_id in list(self._rooms):
                self._forget(room_id)

    def __len__(self) -> int:
        with self._lock:
            self._close_idle()
            return len(self._rooms)

    @property
    def bytes(self) -> int:
        """Taken by all rooms."""
        with self._lock:
            return sum(self._bytes.values())

    def _make_place(self, size: int, client: str, worked_on: str = "") -> None:
        self._close_idle()
        while sum(self._bytes.values()) + size > self.budget:
            held = Counter({client: size})
            for room_id, room in self._rooms.items():
                held[room.client] += self._bytes[room_id]
            closable = [(held[room.client], room_id) for room_id, room in self._rooms.items() if room_id != worked_on]
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


def held_bytes(thing: object) -> int:
    """Bytes of every array that can be reached from a thing through attributes, tuples, lists and mappings.

    >>> held_bytes({"a": np.zeros(4, np.uint8), "b": [np.zeros(2, np.float32)]})
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
    elif callable(thing):  # a partial, or a closure such as that which reads the light
        parts = [getattr(thing, "args", ()), getattr(thing, "keywords", {})]
        parts += [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    for part in parts:
        yield from _arrays(part, seen)
