"""Conversion of pictures and masks in memory (PIL, numpy, torch) to sRGB bytes and to boolean masks."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from PIL import Image

from wallpaint.errors import MaskSizeError, UnreadableImageError, WallpaintWarning

_ROUNDING = 1e-3  # beyond [0, 1]: resampling and half precision overshoot


def picture_bytes(picture: Any, what: str = "picture") -> np.ndarray:
    """Convert a picture to sRGB bytes.

    Parameters
    ----------
    picture : PIL image, numpy array or torch tensor
        (H, W, 3) or (H, W, 4) or grey (H, W) or (H, W, 1); channels may come first, as in torch, and a batch of one
        picture is accepted. Integers in [0, 255], or floats in [0, 1].
    what : str
        Name of the picture in messages.

    Returns
    -------
    (H, W, 3) uint8

    Raises
    ------
    UnreadableImageError
        Another shape, floats outside [0, 1] (convert a tensor x in [-1, 1] to (x + 1) / 2 first), integers outside
        [0, 255], or NaN.

    Warns
    -----
    WallpaintWarning
        Alpha below 1 was ignored.
    """
    if isinstance(picture, Image.Image):
        picture = picture.convert("RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB")
    pixels = _channels_last(_array(picture), what)
    pixels = _bytes(pixels, what)
    if pixels.shape[-1] in (2, 4):
        clear = int(np.count_nonzero(pixels[..., -1] < 255))
        if clear:
            warnings.warn(f"the {what}'s alpha is ignored ({clear:,} pixels below 1).", WallpaintWarning, stacklevel=3)
        pixels = pixels[..., :-1]
    return np.ascontiguousarray(np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels)


def wall_of(mask: Any, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: pixels where a mask exceeds half of its range.

    Parameters
    ----------
    mask : PIL image, numpy array or torch tensor
        (H, W), (H, W, 1), (1, H, W), or grey RGB; bool, floats in [0, 1] (above 0.5), integers 0 and 1 or in [0, 255]
        (above 127).
    shape : (H, W)
        Size of the picture.

    Raises
    ------
    MaskSizeError
        The size differs from the picture's.
    UnreadableImageError
        The array does not have one of these shapes.
    """
    if isinstance(mask, Image.Image):
        mask = np.asarray(mask.convert("L"))
    values = _channels_last(_array(mask), "mask")
    if values.shape[:2] != tuple(shape):
        (height, width), (wanted_height, wanted_width) = values.shape[:2], shape
        raise MaskSizeError(
            None,
            f"the mask is {width:,} × {height:,}, the picture {wanted_width:,} × {wanted_height:,}. "
            "Resize one to the other.",
        )
    values = values[..., :3].mean(axis=-1) if values.shape[-1] >= 3 else values[..., 0]
    if values.dtype == bool:
        return values
    is_bytes = not _is_float(_array(mask)) and float(values.max()) > 1
    return values > (127 if is_bytes else 0.5)


def _array(values: Any) -> np.ndarray:
    """As a numpy array; accepts a torch tensor on any device, of any dtype."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = (values.float() if values.is_floating_point() else values).numpy()
    return np.asarray(values)


def _channels_last(pixels: np.ndarray, what: str) -> np.ndarray:
    """(H, W, C) with C in 1 to 4."""
    given = pixels
    while pixels.ndim > 3 and pixels.shape[0] == 1:
        pixels = pixels[0]
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    elif pixels.ndim == 3 and pixels.shape[-1] not in (1, 2, 3, 4) and pixels.shape[0] in (1, 2, 3, 4):
        pixels = np.moveaxis(pixels, 0, -1)
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 2, 3, 4) or pixels.size == 0:
        raise UnreadableImageError(
            None, f"a {what} of shape {given.shape} is not supported. Give (height, width, 3), or (height, width)."
        )
    return pixels


def _bytes(pixels: np.ndarray, what: str) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    lowest, highest = pixels.min(), pixels.max()
    if _is_float(pixels):
        if lowest >= -_ROUNDING and highest <= 1 + _ROUNDING:
            return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
        cure = "Give (x + 1) / 2." if lowest >= -1 - _ROUNDING and highest <= 1 + _ROUNDING else "Scale them to [0, 1]."
        raise UnreadableImageError(
            None, f"the {what}'s floats range from {lowest:.3g} to {highest:.3g}, outside [0, 1]. {cure}"
        )
    if np.issubdtype(pixels.dtype, np.integer) and lowest >= 0 and highest <= 255:
        return pixels.astype(np.uint8)
    raise UnreadableImageError(
        None,
        f"the {what}'s {pixels.dtype} values range from {lowest} to {highest}. Give uint8, or floats in [0, 1].",
    )


def _is_float(values: np.ndarray) -> bool:
    return bool(np.issubdtype(values.dtype, np.floating))
