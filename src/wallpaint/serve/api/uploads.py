"""Decoding of uploaded pictures, masks and archives; requests never name files of the server."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.errors import FileError, MaskSizeError, WallpaintWarning
from wallpaint.mask import read_mask
from wallpaint.photo import image_shape, read_photo
from wallpaint.reference import TextureSample

if TYPE_CHECKING:
    from wallpaint.mask.select import Layer

_ASPECT_TOLERANCE = 0.02  # relative; larger than any difference that resizing a mask can cause


def read_image(content: bytes, part: str, max_pixels: int) -> np.ndarray:
    """Uploaded picture as (H, W, 3) uint8 sRGB. Errors name the form field `part`."""
    with _naming_part(part):
        return read_photo(content, max_pixels=max_pixels)


def check_header(content: bytes, part: str, max_pixels: int, like: tuple[int, int] | None = None) -> tuple[int, int]:
    """Size (H, W) of an uploaded picture from its header, checked before decoding.

    Parameters
    ----------
    content : bytes
        Image file.
    part : str
        Form field, named in errors.
    max_pixels : int
        Maximum width × height.
    like : (int, int), optional
        (H, W) of the photo; the picture must have the same aspect ratio, possibly rotated by 90°.

    Raises
    ------
    UnreadableImageError
        The file is not a picture.
    ImageTooLargeError
        The picture has more than `max_pixels`.
    MaskSizeError
        The aspect ratio differs from that of `like`.
    """
    with _naming_part(part):
        height, width = image_shape(content, max_pixels=max_pixels)
    if like is not None and not any(
        abs(width / height * tall / wide - 1) <= _ASPECT_TOLERANCE for tall, wide in (like, like[::-1])
    ):
        sizes = f"it is {width:,} × {height:,}, the photo {like[1]:,} × {like[0]:,}"
        raise MaskSizeError(part, f"{sizes}; the aspect ratios differ. Make it from the same picture, uncropped.")
    return height, width


def read_wall(content: bytes, part: str, shape: tuple[int, int], invert: bool, max_pixels: int) -> np.ndarray:
    """Uploaded mask as (H, W) float32 in [0, 1]. Errors name the form field `part`."""
    with _naming_part(part):
        return read_mask(content, shape, invert=invert, max_pixels=max_pixels)


def read_walls(content: bytes, part: str, shape: tuple[int, int], max_pixels: int, most: int) -> list[Layer]:
    """Walls of an uploaded archive, at most `most`, as `wallpaint.mask.select.read_layers`. Errors name the field."""
    from wallpaint.mask.select import read_layers

    with _naming_part(part):
        return read_layers(content, shape, max_pixels=max_pixels, max_layers=most)


def read_sample(content: bytes, part: str, max_pixels: int) -> TextureSample:
    """Uploaded texture sample. Errors name the form field `part`."""
    return TextureSample(read_image(content, part, max_pixels))


@contextmanager
def _naming_part(part: str) -> Iterator[None]:
    try:
        yield
    except FileError as error:
        raise type(error)(part, error.message) from None


@contextmanager
def collect_notes() -> Iterator[list[str]]:
    """Collect warnings of wallpaint as texts, instead of printing them.

    Only for the queue's thread: Python's warning filters are global.
    """
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WallpaintWarning)
        yield notes
    notes += [str(one.message) for one in caught if issubclass(one.category, WallpaintWarning)]
