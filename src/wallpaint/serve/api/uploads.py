"""What a request sends, from bytes to arrays: never a path, never a file."""

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

_SAME = 0.02  # of the aspect: more than any mask that is resized to its photo may differ


def read_image(content: bytes, part: str, max_pixels: int) -> np.ndarray:
    """(H, W, 3) uint8 sRGB of a picture that was sent as this part of a form; errors name the part."""
    with _named(part):
        return read_photo(content, max_pixels=max_pixels)


def check_header(content: bytes, part: str, max_pixels: int, like: tuple[int, int] | None = None) -> tuple[int, int]:
    """(H, W) of a picture that was sent, from its header: it is judged before anything is decoded.

    Raises
    ------
    UnreadableImageError, ImageTooLargeError
    MaskSizeError
        Its shape, however it may be turned, is not that of the photo.
    """
    with _named(part):
        height, width = image_shape(content, max_pixels=max_pixels)
    if like is not None and not any(
        abs(width / height * tall / wide - 1) <= _SAME for tall, wide in (like, like[::-1])
    ):
        sizes = f"it is {width:,} × {height:,}, the photo {like[1]:,} × {like[0]:,}"
        raise MaskSizeError(part, f"{sizes}, of another shape. Make it from the same picture, uncropped.")
    return height, width


def read_wall(content: bytes, part: str, shape: tuple[int, int], invert: bool, max_pixels: int) -> np.ndarray:
    """(H, W) float32 in [0, 1] of a mask that was sent; errors name the part."""
    with _named(part):
        return read_mask(content, shape, invert=invert, max_pixels=max_pixels)


def read_walls(content: bytes, part: str, shape: tuple[int, int], max_pixels: int, most: int) -> list[Layer]:
    """Several walls with their colours, see `wallpaint.mask.select.read_layers`; errors name the part."""
    from wallpaint.mask.select import read_layers

    with _named(part):
        return read_layers(content, shape, max_pixels=max_pixels, max_layers=most)


def read_sample(content: bytes, part: str, max_pixels: int) -> TextureSample:
    """A texture sample that was sent; errors name the part."""
    return TextureSample(read_image(content, part, max_pixels))


@contextmanager
def _named(part: str) -> Iterator[None]:
    try:
        yield
    except FileError as error:
        raise type(error)(part, error.message) from None


@contextmanager
def noted() -> Iterator[list[str]]:
    """What was mended or guessed meanwhile, in words. For the one thread that works: Python's warnings are global."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WallpaintWarning)
        yield notes
    notes += [str(one.message) for one in caught if issubclass(one.category, WallpaintWarning)]
