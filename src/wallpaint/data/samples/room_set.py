"""A set of rooms for training: in memory or in files read on access; benchmark rooms are refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import overload

from wallpaint.data.samples.random_crop import LEAST_WALL
from wallpaint.data.storage.layout import Split, name_hash, split_of
from wallpaint.errors import RoomFileError, SettingError
from wallpaint.mask import is_wall
from wallpaint.rooms import BENCH_SEEDS, PaintableRoom

AnyRoom = PaintableRoom | str | PathLike[str]


class RoomSet(Sequence[PaintableRoom]):
    """Rooms in the order given.

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path, or another RoomSet
        Files are named after their seed, as ``wallpaint rooms render`` names them, and are read at each access: a
        thousand rooms of 256² would fill 5 GB.
    allow_bench : bool
        Accept rooms of RepaintBench. For validation only.

    Attributes
    ----------
    seeds : tuple of int

    Raises
    ------
    SettingError
        No room; the same seed twice; a seed of the benchmark.
    RoomFileError
        A file name without a seed; on access also the errors of `PaintableRoom.load`, or a different seed inside.
    """

    def __init__(self, rooms: Iterable[AnyRoom], *, allow_bench: bool = False) -> None:
        given = rooms._rooms if isinstance(rooms, RoomSet) else rooms
        self._rooms: tuple[PaintableRoom | Path, ...] = tuple(
            room if isinstance(room, PaintableRoom) else Path(room) for room in given
        )
        self.seeds = tuple(_seed_of(room) for room in self._rooms)
        _check(self.seeds, allow_bench)

    def __len__(self) -> int:
        return len(self._rooms)

    @overload
    def __getitem__(self, index: int) -> PaintableRoom: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PaintableRoom]: ...
    def __getitem__(self, index: int | slice) -> PaintableRoom | Sequence[PaintableRoom]:
        if isinstance(index, slice):
            return [self[position] for position in range(len(self))[index]]
        room = self._rooms[index]
        if isinstance(room, PaintableRoom):
            return room
        loaded = PaintableRoom.load(room)
        if loaded.seed != self.seeds[index]:
            raise RoomFileError(room, f"the room inside has seed {loaded.seed}. Give the file its own name back.")
        return loaded

    def of_split(self, split: Split, validation_share: float = 0.1) -> RoomSet:
        """The rooms that `export_rooms` would put into a split: rooms of the benchmark into validation only.

        Where all fall into one split, the room whose hash comes nearest to the other's goes there, unless
        `validation_share` is 0 or 1.
        """
        splits = _splits_of(self.seeds, validation_share)
        chosen = [room for room, seed in zip(self._rooms, self.seeds, strict=True) if splits[seed] == split]
        if not chosen:
            raise SettingError(
                f"of {len(self)} rooms none falls into {split} at a validation share of {validation_share:g}. "
                "Give more rooms or another share."
            )
        return RoomSet(chosen, allow_bench=split == "validation")

    def with_wall(self) -> RoomSet:
        """The rooms that show wall: at least 5 %, as `RandomCrop` wants it. Cameras sometimes look past it."""
        chosen = [room for place, room in enumerate(self._rooms) if is_wall(self[place].alpha).mean() >= LEAST_WALL]
        if not chosen:
            raise SettingError(f"none of {len(self)} rooms shows enough wall. Render more.")
        return RoomSet(chosen, allow_bench=True)


def room_name(seed: int) -> str:
    """The name of a room, which its samples store as their source."""
    return f"room-{seed:06d}"


def room_split(seed: int, validation_share: float) -> Split:
    """The one split a room belongs to, whatever other rooms there are; the benchmark's rooms are for validation."""
    return "validation" if seed in BENCH_SEEDS else split_of(room_name(seed), validation_share)


def _splits_of(seeds: Sequence[int], validation_share: float) -> dict[int, Split]:
    """As `room_split`, with neither split empty where there is a choice."""
    splits = {seed: room_split(seed, validation_share) for seed in seeds}
    free = sorted(set(seeds) - set(BENCH_SEEDS), key=lambda seed: name_hash(room_name(seed)))
    if 0 < validation_share < 1 and len(set(splits.values())) == 1 and len(free) > 1:
        is_all_trained = "train" in splits.values()
        splits[free[0 if is_all_trained else -1]] = "validation" if is_all_trained else "train"
    return splits


def _seed_of(room: PaintableRoom | Path) -> int:
    if isinstance(room, PaintableRoom):
        return room.seed
    match = re.fullmatch(r"room-(\d+)\.npz", room.name)
    if match is None:
        raise RoomFileError(room, "the name tells no seed. Rooms are called like room-000123.npz.")
    return int(match[1])


def _check(seeds: tuple[int, ...], allow_bench: bool) -> None:
    if not seeds:
        raise SettingError("there are no rooms to paint. Render some: wallpaint rooms render --out rooms")
    seed, times = Counter(seeds).most_common(1)[0]
    if times > 1:
        raise SettingError(f"{room_name(seed)} is given {times} times. Give every room once.")
    reserved = [seed for seed in seeds if seed in BENCH_SEEDS]
    if reserved and not allow_bench:
        raise SettingError(
            f"{len(reserved)} of {len(seeds)} rooms ({room_name(reserved[0])} first) belong to RepaintBench: seeds "
            f"{BENCH_SEEDS[0]} to {BENCH_SEEDS[-1]} are never trained on. Leave them out, or allow them for validation."
        )
