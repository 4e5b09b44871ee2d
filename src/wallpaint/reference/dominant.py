"""Dominant colour of a wall: median, mean or largest cluster of its pixels."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal, get_args

import cv2
import numpy as np
from PIL import Image

from wallpaint.color import Color, lab_to_srgb, srgb_to_lab
from wallpaint.errors import SettingError, WallpaintWarning
from wallpaint.photo import each_channel, picture_bytes, wall_of

if TYPE_CHECKING:
    from torch import Tensor

Method = Literal["median", "mean", "kmeans"]
METHODS: tuple[Method, ...] = get_args(Method)

_FEWEST_PIXELS = 100
_CLUSTERS, _CLUSTERED_PIXELS = 3, 5000


def extract_dominant_color(
    image: Image.Image | np.ndarray | Tensor,
    mask: Image.Image | np.ndarray | Tensor,
    method: Method | None = None,
    *,
    color_extraction_method: Method | None = None,
) -> tuple[int, int, int]:
    """Dominant colour of the masked pixels.

    Parameters
    ----------
    image : PIL image, array or tensor
        sRGB: (H, W, 3) uint8, or floats in [0, 1]; see `picture_bytes` for other accepted forms.
    mask : PIL image, array or tensor
        (H, W): bytes above 127, floats above 0.5 or True are wall; see `wall_of`.
    method : {"median", "mean", "kmeans"}
        "median" of each channel, the default, is robust to lamps and shadows. "mean" averages. "kmeans" is the centre
        of the largest of three clusters in CIELAB, from at most 5,000 pixels, for patterned walls.
    color_extraction_method : str, optional
        Alias of `method`.

    Returns
    -------
    (R, G, B) integers in [0, 255]
        The mean of the whole image, with a warning, where fewer than 100 pixels are masked.

    Raises
    ------
    SettingError
        The method is unknown, or `method` and its alias differ.
    UnreadableImageError, MaskSizeError
        The picture has another shape or range, or the mask another size.
    """
    if method is not None and color_extraction_method not in (None, method):
        raise SettingError(
            f"method is {method!r} and color_extraction_method {color_extraction_method!r}, "
            "which mean the same. Give one."
        )
    method = method or color_extraction_method or "median"
    if method not in METHODS:
        raise SettingError(f"{method!r} is not a method for dominant colours. Choose {', '.join(METHODS)}.")
    pixels = picture_bytes(image, "image")
    wall = wall_of(mask, (pixels.shape[0], pixels.shape[1]))
    count = int(wall.sum())
    if count < _FEWEST_PIXELS:
        message = f"only {count} pixels are masked: taking the mean colour of the whole image instead."
        warnings.warn(message, WallpaintWarning, stacklevel=2)
        color = pixels.reshape(-1, 3).mean(axis=0)
    elif method == "median":
        color = wall_median(pixels, wall)
    elif method == "mean":
        color = pixels[wall].mean(axis=0)
    else:
        color = _largest_cluster(pixels[wall])
    red, green, blue = (round(float(channel)) for channel in color)
    return red, green, blue


def wall_median(pixels: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """(3,) float64 median byte of each channel, halfway between the middle two of an even number.

    Computed from a histogram: exact for bytes, and fast on large photos.

    pixels : (H, W, 3) uint8; wall : (H, W) bool or uint8, not 0 = counts; at least one pixel must.
    """

    def median(counts: np.ndarray) -> float:
        below = np.cumsum(counts)
        ranks = ((below[-1] - 1) // 2, below[-1] // 2)
        return float(np.searchsorted(below, ranks, side="right").mean())

    return np.array([median(counts) for counts in _byte_counts(pixels, wall)])


def median_color(pixels: np.ndarray, wall: np.ndarray) -> Color:
    """`wall_median` as a colour, each channel rounded to its byte."""
    return Color.from_rgb8(round(float(channel)) for channel in wall_median(pixels, wall))


def interpolated_median(pixels: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """(3,) float64 median of each channel for values before rounding to bytes (median of grouped data).

    The pixels of a byte are assumed to be uniformly distributed from half a byte below to half a byte above it.

    pixels : (H, W, 3) uint8; wall : (H, W) bool or uint8, not 0 = counts; at least one pixel must.
    """

    def median(counts: np.ndarray) -> float:
        below = np.cumsum(counts)
        half = below[-1] / 2
        byte = int(np.searchsorted(below, half))
        return byte + 0.5 - (below[byte] - half) / counts[byte]

    return np.array([median(counts) for counts in _byte_counts(pixels, wall)])


def _byte_counts(pixels: np.ndarray, wall: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """3 × (256,) int64: histogram of the marked pixels' bytes in each channel."""
    where = np.ascontiguousarray(wall).view(np.uint8)

    def counts(channel: int) -> np.ndarray:
        plane = cv2.extractChannel(pixels, channel)
        return cv2.calcHist([plane], [0], where, [256], [0, 256]).ravel().astype(np.int64)

    return each_channel(counts)


def _largest_cluster(colors: np.ndarray) -> np.ndarray:
    from sklearn.cluster import KMeans

    chosen = np.random.default_rng(0).permutation(len(colors))[:_CLUSTERED_PIXELS]
    lab = srgb_to_lab(colors[chosen] / 255.0)
    clusters = KMeans(min(_CLUSTERS, len(np.unique(lab, axis=0))), n_init=4, random_state=0).fit(lab)
    largest = np.bincount(clusters.labels_).argmax()
    return np.clip(lab_to_srgb(clusters.cluster_centers_[largest]), 0, 1) * 255
