"""Estimate depth for all images of a dataset without it; a stopped run continues where it was."""

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
        Called with the name of each sample that has depth, new or existing.

    Returns
    -------
    int
        Number of new maps. Existing complete maps are kept.

    Raises
    ------
    WallpaintError
        There is no dataset, an image cannot be read, or the folder cannot be written.
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
