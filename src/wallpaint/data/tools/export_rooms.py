"""Write rooms in random colours as a dataset on disk; a stopped run continues where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from wallpaint.data.samples.from_rooms import RoomAugmentation, check_size, draw_shot
from wallpaint.data.samples.room_set import AnyRoom, RoomSet, room_name, room_split
from wallpaint.data.storage.dataset_settings import agree_on_settings
from wallpaint.data.storage.layout import SPLITS, SplitWriter
from wallpaint.errors import Source
from wallpaint.mask import mask_quality

SETTINGS_FILE = "rooms.json"


def export_rooms(
    rooms: Iterable[AnyRoom],
    folder: Source,
    *,
    per_room: int = 4,
    seed: int = 0,
    size: int = 256,
    recipe: RoomAugmentation | None = None,
    validation_share: float = 0.1,
    allow_bench: bool = False,
    done: Callable[[str], None] | None = None,
) -> int:
    """Paint rooms and store the pictures as samples of a dataset.

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path
    folder : path
        Root of the dataset; created if missing. More rooms and samples can be added later.
    per_room : int
        Number of samples of each room.
    seed : int
        A sample depends on this, on the room's seed, and on its number within the room only.
    size : int
        Pixels a side, ≥ 64.
    recipe : RoomAugmentation, optional
        Its `wallpaper_prob` has no effect, because only targets are stored.
    validation_share : float
        Share of the rooms, [0, 1]. All samples of a room are in one split, by a hash of the room's name.
    allow_bench : bool
        Accept rooms of RepaintBench; they always go to validation.
    done : callable, optional
        Called with the name of each sample, new or existing.

    Returns
    -------
    int
        Number of new samples.

    Raises
    ------
    SettingError
        Rooms of RepaintBench without permission, a room given twice, too small a size, or other settings than stored.
    RoomFileError, OutputError
        A room cannot be read, or a sample cannot be written.
    """
    recipe = RoomAugmentation() if recipe is None else recipe
    check_size(size)
    room_set = RoomSet(rooms, allow_bench=allow_bench)
    settings = {"seed": seed, "size": size, "validation_share": validation_share, "recipe": asdict(recipe)}
    agree_on_settings(Path(folder) / SETTINGS_FILE, settings)
    writers = {split: SplitWriter(folder, split) for split in SPLITS}
    made = 0
    for position, room_seed in enumerate(room_set.seeds):
        writer = writers[room_split(room_seed, validation_share)]
        names = [f"{room_name(room_seed)}-{number:03d}" for number in range(per_room)]
        missing = [number for number, name in enumerate(names) if name not in writer.names]
        room = room_set[position] if missing else None
        for number, name in enumerate(names):
            if room is not None and number in missing:
                shot = draw_shot(room, size, recipe, np.random.default_rng([seed, room_seed, number]))
                quality = mask_quality(shot.target, shot.mask).score
                writer.add(name, shot.target, shot.mask, shot.depth, quality, room_name(room_seed))
                made += 1
            if done is not None:
                done(name)
    return made
