"""Rotation of masks that were drawn on a photo's stored pixels, without the photo's EXIF orientation."""

from __future__ import annotations

import os

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from wallpaint.errors import Source, warn_of
from wallpaint.mask.quality import mask_quality
from wallpaint.mask.read import decode_mask, fit_mask, read_mask

_ORIENTATION = 274
_ASPECT_TOLERANCE = 0.01  # as in `fit_mask`
_CLEARLY = 0.15  # difference of mask_quality's score; correct masks score 0.73 to 0.90, shifted ones 0.39 to 0.59


def read_mask_of_photo(mask: Source, photo: Source, pixels: np.ndarray, *, invert: bool = False) -> np.ndarray:
    """Read a mask with `read_mask` for a photo that may have an EXIF orientation.

    Many drawing programs ignore the orientation. A mask whose file has no orientation is rotated like its photo, with a
    warning, if only then it has the photo's aspect ratio, or if `mask_quality` is then higher by at least 0.15: an
    upside-down mask matches few edges of the photo. If the difference is smaller, the mask is read unrotated.

    Parameters
    ----------
    mask, photo : path
        Files of the mask and of the photo.
    pixels : (H, W, 3) uint8
        The upright photo, sRGB.
    invert : bool
        Black means wall.

    Returns
    -------
    (H, W) float32 in [0, 1]

    Raises, warns
        As `read_mask`; and a warning if the mask is rotated.
    """
    shape = (pixels.shape[0], pixels.shape[1])
    orientation = stored_orientation(photo)
    if orientation == 1 or stored_orientation(mask) != 1:
        return read_mask(mask, shape, invert=invert)
    alpha, path = decode_mask(mask)
    turned = turned_upright(alpha, orientation)
    if _same_shape(alpha, shape) and _same_shape(turned, shape):
        scores = [_score(pixels, plane, invert) for plane in (alpha, turned)]
        if scores[1] - scores[0] >= _CLEARLY:
            warn_of(
                path,
                f"{_cause(orientation)}. Rotated likewise, it fits the photo's edges far better (quality "
                f"{scores[1]:.2f}, else {scores[0]:.2f}), so it is rotated. Save photo and mask upright to be sure.",
            )
            alpha = turned
    elif _same_shape(turned, shape):
        warn_of(
            path,
            f"{_cause(orientation)}. Only rotated likewise it has the photo's aspect ratio, so it is rotated.",
        )
        alpha = turned
    return fit_mask(alpha, shape, invert, path)


def _same_shape(alpha: np.ndarray, shape: tuple[int, int]) -> bool:
    return abs((alpha.shape[1] / alpha.shape[0]) / (shape[1] / shape[0]) - 1) <= _ASPECT_TOLERANCE


def _score(pixels: np.ndarray, alpha: np.ndarray, invert: bool) -> float:
    plane = 1 - alpha if invert else alpha
    if plane.shape != pixels.shape[:2]:
        plane = cv2.resize(plane, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return mask_quality(pixels, plane).score


def stored_orientation(source: Source) -> int:
    """EXIF orientation of a picture's file, 1 to 8; 1 if it has none that can be read, or is a pipe."""
    if not os.path.isfile(source):
        return 1  # a pipe can be read only once
    try:
        with Image.open(source) as image:
            value = image.getexif().get(_ORIENTATION, 1)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, TypeError, KeyError):
        return 1  # `read_mask` raises the error for an unreadable file
    return value if value in range(1, 9) else 1


def turned_upright(plane: np.ndarray, orientation: int) -> np.ndarray:
    """Rotate or mirror (H, W) as EXIF `orientation`, 1 to 8, requires."""
    turned = {
        1: plane,
        2: plane[:, ::-1],
        3: plane[::-1, ::-1],
        4: plane[::-1],
        5: plane.T,
        6: np.rot90(plane, -1),
        7: plane[::-1, ::-1].T,
        8: np.rot90(plane),
    }[orientation]
    return np.ascontiguousarray(turned)


def _cause(orientation: int) -> str:
    return f"the photo is rotated by its EXIF orientation {orientation}, the mask's file has no orientation"
