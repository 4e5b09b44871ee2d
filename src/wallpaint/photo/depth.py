"""Depth maps as relative disparity in [0, 1], near = 1."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import cv2
import numpy as np

from wallpaint.errors import FileError, MissingFileError, Source, UnreadableImageError, warn_of
from wallpaint.photo.decode import open_image

_ASPECT_TOLERANCE = 0.03  # estimators round the sides of their input to multiples of 14 or 32 pixels
# numpy parses a file's header as Python, so a damaged header raises SyntaxError.
_BAD_ARRAYS = (OSError, ValueError, EOFError, SyntaxError, TokenError, zipfile.BadZipFile, zlib.error)
_OUTLIERS = 0.1  # percent of the pixels at either end


def read_depth(path: Source, photo_shape: tuple[int, int]) -> np.ndarray:
    """Read a depth map for a photo.

    Parameters
    ----------
    path : path
        A grey picture, white = near, as depth estimators save and depth ControlNets expect it: PNG of 8 or 16 bits,
        TIFF of floats. Or ``.npy``, or ``.npz`` of one array: (H, W) numbers, larger = nearer. Convert distances with
        `relative_disparity` first.
    photo_shape : (H, W)
        Size of the upright photo.

    Returns
    -------
    (H, W) float32
        [0, 1]; 1 is the nearest point, 0 the farthest. The outermost 0.1 % of the pixels at either end are clipped as
        outliers; inf and nan mean infinitely far.

    Raises
    ------
    MissingFileError, UnreadableImageError, ImageTooLargeError
        See `open_image`.
    FileError
        Not a depth map: in colours, not two-dimensional, without finite values, or with an aspect ratio that differs
        from the photo's by more than 3 %.

    Warns
    -----
    WallpaintWarning
        All pixels have the same depth; the result is 0.5 everywhere.
    """
    values = _stored_values(Path(path))
    _check_aspect(values, photo_shape, path)
    depth = stretched(resized_depth(_without_outliers(values, path), photo_shape))
    if depth.min() == depth.max():
        warn_of(path, "every pixel of this depth map has the same depth, so it holds no information.")
    return depth


def relative_disparity(distance: np.ndarray) -> np.ndarray:
    """Convert distances to relative disparity, the output of depth estimators.

    Parameters
    ----------
    distance : (H, W) float
        Metres along the optical axis, or any unit; inf, nan and ≤ 0 mean infinitely far.

    Returns
    -------
    (H, W) float32
        1/distance, scaled to [0, 1] by its minimum and maximum: 1 is the nearest point of the picture, 0 the farthest.
        0.5 everywhere if all distances are equal.

    Notes
    -----
    Disparity instead of distance, and near instead of far as 1, because MiDaS (Ranftl et al. 2022) and its successors
    estimate disparity up to scale and shift, and the depth ControlNets of SD 1.5 were trained on their maps.
    """
    known = np.isfinite(distance) & (distance > 0)
    disparity = np.divide(1, distance, out=np.zeros(distance.shape, np.float32), where=known, casting="unsafe")
    return stretched(disparity)


def stretched(values: np.ndarray) -> np.ndarray:
    """(H, W) float32: `values` scaled so that the minimum is 0 and the maximum 1; 0.5 if all are equal.

    Disparity is known only up to scale and shift, so a crop of a scaled map, scaled again, equals the scaled map of
    the crop.
    """
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6 * max(abs(high), abs(low), 1e-30):
        return np.full(values.shape, 0.5, np.float32)
    return ((values - low) / (high - low)).astype(np.float32)


def resized_depth(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize (H, W) float of any range to (h, w), float32: by area if the size shrinks, else linearly."""
    shrinks = values.size > shape[0] * shape[1]
    return cv2.resize(
        values.astype(np.float32, copy=False),
        (shape[1], shape[0]),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )


def _stored_values(path: Path) -> np.ndarray:
    if path.suffix.lower() in (".npy", ".npz"):
        return _array(path)
    values = np.asarray(open_image(path).image)
    if values.ndim == 3:
        values = _grey(values, path)
    return values.astype(np.float32)


def _array(path: Path) -> np.ndarray:
    try:
        stored = np.load(path, allow_pickle=False)
        if isinstance(stored, np.ndarray):
            arrays = [stored]
        else:
            with stored:
                arrays = [stored[name] for name in stored.files]
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such file. Check the path.") from None
    except _BAD_ARRAYS as error:
        reason = " ".join(str(error).split())
        raise UnreadableImageError(
            path, f"this is not a NumPy array file, or it is damaged ({reason}). Save it again."
        ) from None
    if len(arrays) != 1:
        raise FileError(path, f"this holds {len(arrays)} arrays. Save the depth map alone.")
    [values] = arrays
    if values.ndim != 2 or values.size == 0 or not np.issubdtype(values.dtype, np.number) or np.iscomplexobj(values):
        raise FileError(
            path, f"a depth map is (height, width) numbers; this is {values.shape} {values.dtype}. Convert it."
        )
    return values.astype(np.float32)


def _grey(values: np.ndarray, path: Path) -> np.ndarray:
    """Grey channel of a depth map stored as RGB; alpha is ignored."""
    color = values[..., : 1 if values.shape[-1] == 2 else 3]
    if (color != color[..., :1]).any():
        raise FileError(
            path, "this depth map is in colours, which cannot be converted to depth. Save it in grey, white = near."
        )
    return color[..., 0]


def _without_outliers(values: np.ndarray, path: Source) -> np.ndarray:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise FileError(path, f"none of the {values.size:,} numbers in this depth map is finite. Make it again.")
    low = np.percentile(finite, _OUTLIERS, method="lower")
    high = np.percentile(finite, 100 - _OUTLIERS, method="higher")
    return np.clip(np.where(np.isfinite(values), values, low), low, high)


def _check_aspect(values: np.ndarray, photo_shape: tuple[int, int], path: Source) -> None:
    (height, width), (wanted_height, wanted_width) = values.shape, photo_shape
    if abs(width / height * wanted_height / wanted_width - 1) > _ASPECT_TOLERANCE:
        sizes = f"the depth map is {width:,} × {height:,}, the photo {wanted_width:,} × {wanted_height:,}"
        raise FileError(path, f"{sizes}, another aspect ratio. Make it from the same picture, uncropped.")
