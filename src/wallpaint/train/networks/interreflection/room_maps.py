"""Rendered rooms in memory, as small maps of light that a training step can paint at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.data import RoomSet
from wallpaint.data.samples.room_set import AnyRoom
from wallpaint.errors import SettingError
from wallpaint.networks.interreflection_inputs import SIDE

_NO_WALL = 0.01  # share of wall below which a pixel counts as not wall
_MIN_WALL = 0.02  # share of the picture that must be wall


@dataclass(frozen=True)
class RoomMaps:
    """Maps of N rooms, S = `SIDE` pixels a side.

    Attributes
    ----------
    seeds : tuple of int
        Seeds of the rooms.
    share : (N, S, S) float16
        Share of wall in each pixel, [0, 1].
    light : (N, S, S, 9) float16
        a, b and c of `PaintableRoom`, for whole pixels.
    outside : (N, S, S, 10) float16
        a, b and c of the part of each pixel outside the wall, times the share of that part; then that share.
    feedback : (N, 3) float32
        `PaintableRoom.feedback`, one number a channel.
    twins : dict of int to (S, S, 3) float16
        Linear light of the wallpapered twins, by the room's index.
    """

    seeds: tuple[int, ...]
    share: np.ndarray
    light: np.ndarray
    outside: np.ndarray
    feedback: np.ndarray
    twins: dict[int, np.ndarray]

    def __len__(self) -> int:
        return len(self.seeds)


def load_room_maps(rooms: Iterable[AnyRoom], callback: Callable[[int], None] | None = None) -> RoomMaps:
    """Read rooms into memory; rooms with less than 2 % wall are left out.

    Parameters
    ----------
    rooms : iterable of paths or rooms
    callback : callable, optional
        Called with the number of rooms read so far.

    Raises
    ------
    SettingError
        A room belongs to the benchmark, or no room shows any wall.
    RoomFileError
        A file is damaged.
    """
    room_set = RoomSet(rooms)
    seeds: list[int] = []
    share, light, outside, feedback = [], [], [], []
    twins: dict[int, np.ndarray] = {}
    for index in range(len(room_set)):
        room = room_set[index]
        maps = np.concatenate([room.a, room.b, room.c], axis=-1).astype(np.float32)
        is_outside = (room.alpha < _NO_WALL).astype(np.float32)[..., None]
        small_share = _resized(room.alpha)
        if (small_share > 0.99).mean() > _MIN_WALL:
            if room.wallpaper is not None:
                twins[len(seeds)] = _resized(room.wallpaper).astype(np.float16)
            seeds.append(room.seed)
            share.append(small_share.astype(np.float16))
            light.append(_float16(_resized(maps)))
            outside.append(_float16(_resized(np.concatenate([maps * is_outside, is_outside], axis=-1))))
            feedback.append(room.feedback)
        if callback is not None:
            callback(index + 1)
    if not seeds:
        raise SettingError(f"none of {len(room_set)} rooms shows a painted wall. Render others.")
    return RoomMaps(tuple(seeds), np.stack(share), np.stack(light), np.stack(outside), np.stack(feedback), twins)


def _resized(maps: np.ndarray) -> np.ndarray:
    planes = maps[..., None] if maps.ndim == 2 else maps
    resized = [
        cv2.resize(np.ascontiguousarray(planes[..., k], np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for k in range(planes.shape[-1])
    ]
    return resized[0] if maps.ndim == 2 else np.stack(resized, axis=-1)


def _float16(maps: np.ndarray) -> np.ndarray:
    return np.clip(maps, 0, 6e4).astype(np.float16)
