"""What is validated on: the part of rooms or photos that no training sees."""

from __future__ import annotations

from pathlib import Path

from wallpaint.data import PhotoRecipe, RoomShelf
from wallpaint.errors import MissingFileError
from wallpaint.evaluate.validation_samples import ValidationSample, photo_samples, room_samples
from wallpaint.rooms.generate import stored_rooms
from wallpaint.rooms.starter import starter_paths


def validation_set(
    count: int,
    size: int,
    *,
    rooms: Path | None = None,
    photos: Path | None = None,
    validation_share: float = 0.1,
    seed: int = 0,
) -> list[ValidationSample]:
    """Samples to validate on.

    Parameters
    ----------
    count : int
    size : int
        Pixels a side.
    rooms : Path, optional
        Folder of rendered rooms; those that come with wallpaint if neither this nor `photos` is given.
    photos : Path, optional
        Folder of a dataset, instead of rooms.
    validation_share : float
        Of rooms, or of a flat folder of photos.
    seed : int

    Raises
    ------
    MissingFileError, SettingError
        Nothing is there, or nothing that is not trained on.
    """
    if photos is not None:
        from wallpaint.data import WallInpaintingDataset

        as_taken = PhotoRecipe(random_color_prob=0, min_crop=1, mirror_prob=0)
        dataset = WallInpaintingDataset(
            photos, "validation", size, seed=seed, recipe=as_taken, validation_share=validation_share
        )
        return photo_samples(dataset, count, seed=seed)
    paths = starter_paths() if rooms is None else stored_rooms(rooms)
    if not paths:
        raise MissingFileError(rooms, f"there are no rooms here. Make some: wallpaint rooms render --out {rooms}")
    shelf = RoomShelf(paths, allow_bench=True).of_split("validation", validation_share)
    return room_samples(shelf, count, size, seed=seed)
