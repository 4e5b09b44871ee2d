"""Inspect one sample: its size, mask quality, colour and fingerprint, and the fault of its files, if any."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.storage.layout import Entry, Split, read_pictures
from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.mask import is_wall, mask_quality
from wallpaint.optional import needs_extra
from wallpaint.photo.decode import open_image

with needs_extra("train", "Finding near-duplicates"):
    import imagehash

_FEWEST_PIXELS = 100


@dataclass(frozen=True, eq=False)
class Look:
    """An inspected sample; fields that could not be read are None.

    Attributes
    ----------
    split, name, source : str
    fault : str
        One sentence; empty if there is no fault.
    notes : tuple of str
        Warnings from reading it.
    size : (width, height)
    quality : float
        Mask quality, [0, 1].
    color : (R, G, B)
        Dominant colour of the wall, extracted as in training.
    fingerprint : (64,) bool
        Perceptual hash.
    has_depth : bool
    """

    split: Split
    name: str
    source: str
    fault: str = ""
    notes: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    quality: float | None = None
    color: tuple[int, int, int] | None = None
    fingerprint: np.ndarray | None = None
    has_depth: bool = False


def look_at(folder: Path, split: Split, entry: Entry) -> Look:
    """Read a sample's files; faults are returned, not raised."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WallpaintWarning)
        try:
            pictures = read_pictures(folder, entry)
            mask_size = open_image(folder / entry.mask).image.size
        except WallpaintError as error:
            return Look(split, entry.name, entry.source, fault=str(error))
    notes = tuple(str(warning.message) for warning in caught if issubclass(warning.category, WallpaintWarning))
    height, width = pictures.mask.shape
    fault = _fault_of_mask(folder / entry.mask, mask_size, pictures.mask)
    color = None if fault else ReferenceSettings().color_of(pictures.image, pictures.mask)
    quality = mask_quality(pictures.image, pictures.mask).score
    return Look(
        split,
        entry.name,
        entry.source,
        fault,
        notes,
        (width, height),
        quality,
        color,
        fingerprint(pictures.image),
        pictures.depth is not None,
    )


def _fault_of_mask(path: Path, size: tuple[int, int], mask: np.ndarray) -> str:
    """The fault of a readable mask; `size` is the file's, `mask` is on the image's grid."""
    height, width = mask.shape
    if size != (width, height):
        return (
            f"{path}: the mask is {size[0]:,} × {size[1]:,}, the image {width:,} × {height:,}. Make it from the image."
        )
    if is_wall(mask).sum() < _FEWEST_PIXELS:
        return f"{path}: fewer than {_FEWEST_PIXELS} pixels are wall, too few to measure its colour. Remove the sample."
    return ""


def fingerprint(image: np.ndarray) -> np.ndarray:
    """(64,) bool perceptual hash of a picture: the signs of its lowest frequencies (pHash, Zauner 2010).

    image : (H, W, 3) uint8 sRGB.
    """
    return imagehash.phash(Image.fromarray(image)).hash.ravel()
