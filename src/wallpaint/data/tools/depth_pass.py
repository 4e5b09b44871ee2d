"""Depth for every image of a dataset that has none; a run that was stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from wallpaint.data.storage.flat import is_flat, open_split, stored_splits
from wallpaint.data.storage.layout import Entry, rewrite_metadata
from wallpaint.data.storage.pictures import depth_png, is_whole_png
from wallpaint.errors import OutputError, Source
from wallpaint.photo import read_photo, write_files


def add_depth(
    root: Source, estimate: Callable[[np.ndarray], np.ndarray], done: Callable[[str], None] | None = None
) -> int:
    """Estimate depth and store it.

    Parameters
    ----------
    root : path
        A dataset in either layout.
    estimate : callable
        From (H, W, 3) uint8 sRGB to (H, W) float in [0, 1], near = 1.
    done : callable, optional
        Told the name of each sample that has its depth, whether from now or before.

    Returns
    -------
    int
        Maps made now. A map that is there and whole is kept.

    Raises
    ------
    WallpaintError
        There is no dataset, an image cannot be read, the folder not be written to.
    """
    made = 0
    for split in stored_splits(root):
        folder = open_split(root, split)
        entries: list[Entry] = []
        for entry in folder.entries:
            depth = entry.depth or f"depth/{entry.name}.png"
            if depth.endswith(".png") and not is_whole_png(folder.folder / depth):
                _write(folder.folder / depth, estimate(read_photo(folder.folder / entry.image)))
                made += 1
            entries.append(replace(entry, depth=depth))
            if done is not None:
                done(entry.name)
        if not is_flat(root) and entries != folder.entries:
            rewrite_metadata(folder.folder, entries)
    return made


def _write(path: Path, depth: np.ndarray) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        write_files({path: depth_png(depth)})
    except OSError as error:
        raise OutputError(path, f"it cannot be written ({error.strerror or error}). Make room.") from None
