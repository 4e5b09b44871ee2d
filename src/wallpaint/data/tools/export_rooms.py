"""Rooms in random paints to a dataset on disk; a run that was stopped goes on where it was."""

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
    """Paint rooms and store the pictures as samples.

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path
    folder : path
        Root of the dataset; made where missing. Rooms and samples may be added to it later.
    per_room : int
        Samples of each room.
    seed : int
        A sample follows from this, its room's seed and its number among the room's: not from what else is exported.
    size : int
        Pixels a side, ≥ 64.
    recipe : RoomAugmentation, optional
        Its `wallpaper_prob` is without effect, since only targets are stored.
    validation_share : float
        Of the rooms, [0, 1]. All samples of a room are in one split, by a hash of the room's name.
    allow_bench : bool
        Take rooms of RepaintBench too; they always go to validation.
    done : callable, optional
        Told the name of each sample that is there, whether made now or before.

    Returns
    -------
    int
        Samples made now.

    Raises
    ------
    SettingError
        Rooms of RepaintBench without leave, a room given twice, too small a size, or a folder made with other settings.
    RoomFileError, OutputError
        A room cannot be read, a sample not be written.
    """
    recipe = RoomAugmentation() if recipe is None else recipe
    check_size(size)
    shelf = RoomSet(rooms, allow_bench=allow_bench)
    settings = {"seed": seed, "size": size, "validation_share": validation_share, "recipe": asdict(recipe)}
    agree_on_settings(Path(folder) / SETTINGS_FILE, settings)
    writers = {split: SplitWriter(folder, split) for split in SPLITS}
    made = 0
    for position, room_seed in enumerate(shelf.seeds):
        writer = writers[room_split(room_seed, validation_share)]
        names = [f"{room_name(room_seed)}-{number:03d}" for number in range(per_room)]
        missing = [number for number, name in enumerate(names) if name not in writer.names]
        room = shelf[position] if missing else None
        for number, name in enumerate(names):
            if room is not None and number in missing:
                shot = draw_shot(room, size, recipe, np.random.default_rng([seed, room_seed, number]))
                quality = mask_quality(shot.target, shot.mask).score
                writer.add(name, shot.target, shot.mask, shot.depth, quality, room_name(room_seed))
                made += 1
            if done is not None:
                done(name)
    return made
