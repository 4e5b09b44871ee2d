"""A mask drawn on a photo's stored pixels, which the photo's EXIF orientation turns and the mask's file does not."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from wallpaint.errors import Source, warn_of
from wallpaint.mask.quality import mask_quality
from wallpaint.mask.read import decode_mask, fit_mask, read_mask

_ORIENTATION = 274
_ASPECT_TOLERANCE = 0.01  # as `fit_mask` has it
_CLEARLY = 0.15  # of mask_quality's score: right masks have 0.73 to 0.90, misplaced ones 0.39 to 0.59


def read_mask_of_photo(mask: Source, photo: Source, pixels: np.ndarray, *, invert: bool = False) -> np.ndarray:
    """`read_mask` for a photo that may carry an EXIF orientation.

    Many drawing programs ignore the orientation. A mask whose own file has none is turned as its photo was, with a
    warning, where only so it has the photo's shape, or where `mask_quality` is higher by at least 0.15 so: a mask that
    is upside down agrees with no edge of the photo. Where the two are close, the mask is read as it is.

    Parameters
    ----------
    mask, photo : path
    pixels : (H, W, 3) uint8
        The photo, upright.
    invert : bool
        Black means wall.

    Returns
    -------
    (H, W) float32 in [0, 1]

    Raises, warns
        As `read_mask`; and a warning where the mask is turned.
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
                f"{_cause(orientation)}, and so it fits the photo's edges far better (quality {scores[1]:.2f} against "
                f"{scores[0]:.2f}): it is turned too. Save photo and mask upright to be sure.",
            )
            alpha = turned
    elif _same_shape(turned, shape):
        warn_of(path, f"{_cause(orientation)}, and only so it has the photo's shape: it is turned too.")
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
    """EXIF orientation of a picture's file, 1 to 8; 1 where it has none that can be read."""
    try:
        with Image.open(source) as image:
            value = image.getexif().get(_ORIENTATION, 1)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, TypeError, KeyError):
        return 1  # that a file cannot be read is said where it is read
    return value if value in range(1, 9) else 1


def turned_upright(plane: np.ndarray, orientation: int) -> np.ndarray:
    """(H, W) as EXIF `orientation`, 1 to 8, has it shown."""
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
    return f"the photo is turned upright by its EXIF orientation {orientation}, the mask's file has none"
