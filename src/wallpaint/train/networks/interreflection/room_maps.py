"""Rooms held in memory as small maps of light, so that a training step can paint them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.data import RoomSet
from wallpaint.data.samples.room_set import AnyRoom
from wallpaint.errors import SettingError
from wallpaint.networks.interreflection_inputs import SIDE

_PURE = 0.01  # share of wall up to which a pixel counts as none
_LEAST_WALL = 0.02  # of the picture


@dataclass(frozen=True)
class RoomMaps:
    """N rooms of `SIDE`² pixels.

    Attributes
    ----------
    seeds : tuple of int
    share : (N, S, S) float16
        Of wall.
    light : (N, S, S, 9) float16
        a, b and c of `PaintableRoom`, of all that a pixel holds.
    others : (N, S, S, 10) float16
        The same of what in a pixel is no wall, times how much of the pixel that is; then how much.
    feedback : (N, 3) float32
    twins : dict of int to (S, S, 3) float16
        Light of wallpapered twins, by place.
    """

    seeds: tuple[int, ...]
    share: np.ndarray
    light: np.ndarray
    others: np.ndarray
    feedback: np.ndarray
    twins: dict[int, np.ndarray]

    def __len__(self) -> int:
        return len(self.seeds)


def load_room_maps(rooms: Iterable[AnyRoom], callback: Callable[[int], None] | None = None) -> RoomMaps:
    """Read rooms; those that show hardly any wall are left out.

    callback : callable, optional
        StepCallback how many have been read.

    Raises
    ------
    SettingError, RoomFileError
        As `RoomSet` does: a room of the benchmark, a damaged file; or no room shows any wall.
    """
    shelf = RoomSet(rooms)
    seeds: list[int] = []
    share, light, others, feedback = [], [], [], []
    twins: dict[int, np.ndarray] = {}
    for place in range(len(shelf)):
        room = shelf[place]
        maps = np.concatenate([room.a, room.b, room.c], axis=-1).astype(np.float32)
        rest = (room.alpha < _PURE).astype(np.float32)[..., None]
        small_share = _small(room.alpha)
        if (small_share > 0.99).mean() > _LEAST_WALL:
            if room.wallpaper is not None:
                twins[len(seeds)] = _small(room.wallpaper).astype(np.float16)
            seeds.append(room.seed)
            share.append(small_share.astype(np.float16))
            light.append(_half(_small(maps)))
            others.append(_half(_small(np.concatenate([maps * rest, rest], axis=-1))))
            feedback.append(room.feedback)
        if callback is not None:
            callback(place + 1)
    if not seeds:
        raise SettingError(f"none of {len(shelf)} rooms shows a painted wall: render others.")
    return RoomMaps(tuple(seeds), np.stack(share), np.stack(light), np.stack(others), np.stack(feedback), twins)


def _small(maps: np.ndarray) -> np.ndarray:
    planes = maps[..., None] if maps.ndim == 2 else maps
    resized = [
        cv2.resize(np.ascontiguousarray(planes[..., k], np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for k in range(planes.shape[-1])
    ]
    return resized[0] if maps.ndim == 2 else np.stack(resized, axis=-1)


def _half(maps: np.ndarray) -> np.ndarray:
    return np.clip(maps, 0, 6e4).astype(np.float16)
