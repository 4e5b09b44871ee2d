"""Reading of wall masks as alpha on the photo's grid, with checks of size, coverage and inversion."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from wallpaint.errors import EmptyMaskError, FullMaskError, MaskSizeError, warn_of
from wallpaint.mask.noise import edge_width
from wallpaint.mask.values import cleaned, wall_values
from wallpaint.photo.decode import MAX_PIXELS, Readable, open_image

_ASPECT_TOLERANCE = 0.01
_SOFT_EDGE = 0.5  # pixels


def read_mask(
    source: Readable, photo_shape: tuple[int, int], *, invert: bool = False, max_pixels: int = MAX_PIXELS
) -> np.ndarray:
    """Read a wall mask for a photo.

    Parameters
    ----------
    source : path, bytes, or binary file object
        White means wall: grey, 1-bit, 16-bit, RGB, palette; or alpha means wall. For the rules see `wall_values`.
        Masks from lossy formats are cleaned (see `cleaned`).
    photo_shape : (H, W)
        Size of the upright photo.
    invert : bool
        Black means wall.
    max_pixels : int
        Limit of width × height, checked in the header.

    Returns
    -------
    (H, W) float32
        Alpha in [0, 1]; "masked" means > 0.5.

    Raises
    ------
    MissingFileError, UnreadableImageError, ImageTooLargeError
        See `open_image`.
    MaskError
        See `wall_values`.
    MaskSizeError
        The aspect ratio differs from the photo's by more than 1 %.
    EmptyMaskError, FullMaskError
        No pixel, or every pixel, exceeds 0.5.

    Warns
    -----
    WallpaintWarning
        The mask was resized, may be inverted (see `looks_inverted`), is drawn in colours, or has no full white.
    """
    alpha, path = decode_mask(source, max_pixels)
    return fit_mask(alpha, photo_shape, invert, path)


def decode_mask(source: Readable, max_pixels: int = MAX_PIXELS) -> tuple[np.ndarray, str | None]:
    """Alpha of a mask, (h, w) float32 in [0, 1], at its own size, and its name in messages. See `read_mask`."""
    decoded = open_image(source, max_pixels=max_pixels)
    alpha = wall_values(_pixels(decoded.image), decoded.path)
    return cleaned(alpha) if decoded.lossy else alpha, decoded.path


def as_mask(pixels: np.ndarray, photo_shape: tuple[int, int], *, invert: bool = False) -> np.ndarray:
    """Convert an array (bool, integers or floats as for `wall_values`) to a wall mask for a photo.

    Returns, raises and warns as `read_mask`, without a path in the messages.

    >>> as_mask(np.array([[True, False]]), (1, 2)).tolist()
    [[1.0, 0.0]]
    """
    return fit_mask(wall_values(pixels), photo_shape, invert, None)


def is_wall(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels where the mask, bool or alpha in [0, 1], exceeds 0.5."""
    return mask if mask.dtype == bool else mask > 0.5


def is_soft(mask: np.ndarray) -> bool:
    """Whether the mask's edge already has alpha values, which are then used unchanged.

    A mask is soft if it has at least one half-tone (0.02 < α < 0.98) per two pixels of edge. An anti-aliased outline
    has about one per pixel of edge, a feathered or matted one several, a binary mask nearly none.
    """
    return mask.dtype != bool and edge_width(mask) >= _SOFT_EDGE


def erode(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Erode the wall by a Euclidean distance.

    Parameters
    ----------
    mask : (H, W) bool, or alpha in [0, 1]
    pixels : float
        Width of the removed rim in pixels, ≥ 0.

    Returns
    -------
    (H, W) bool
        Wall pixels farther than `pixels` from every pixel that is not wall. Distances are between pixel centres, so 1
        removes the pixels with a neighbour left, right, above or below that is not wall, and 0 removes none. The
        border of the picture is not an edge.
    """
    wall = is_wall(mask)
    if pixels <= 0:
        return wall.copy()
    return cv2.distanceTransform(wall.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > pixels + 1e-3


def looks_inverted(mask: np.ndarray) -> bool:
    """Whether the mask is probably inverted.

    In a photo of a room the floor is at the bottom and the walls are above it. A mask is probably inverted if it covers
    at least 90 % of the lowest tenth of the picture and less than half of the upper half.
    """
    wall = is_wall(mask)
    height = wall.shape[0]
    return bool(wall[-max(1, height // 10) :].mean() >= 0.9 and wall[: max(1, height // 2)].mean() < 0.5)


def _pixels(image: Image.Image) -> np.ndarray:
    if image.mode in ("PA", "La", "RGBa") or (image.mode in ("P", "L", "RGB") and "transparency" in image.info):
        image = image.convert("RGBA")
    elif image.mode in ("P", "CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    return np.asarray(image)


def fit_mask(alpha: np.ndarray, photo_shape: tuple[int, int], invert: bool, path: str | None) -> np.ndarray:
    """Resize a mask's alpha to the photo's grid and check it. Raises and warns as `read_mask`."""
    alpha = _resized(1 - alpha if invert else alpha, photo_shape, path)
    covered, total = int(np.count_nonzero(alpha > 0.5)), alpha.size
    cure = "Drop --invert-mask." if invert else "White means wall; is it inverted? Try --invert-mask."
    if covered == 0:
        brightest = f"; the highest value is {alpha.max():.2f} of 1" if alpha.max() > 0 else ""
        raise EmptyMaskError(path, f"the mask covers no pixel (0 of {total:,}{brightest}). {cure}")
    if covered == total:
        raise FullMaskError(
            path, f"the mask covers every pixel ({total:,} of {total:,}), so no pixel is outside the wall. {cure}"
        )
    if looks_inverted(alpha):
        upper, lower = alpha[: len(alpha) // 2] > 0.5, alpha[-max(1, len(alpha) // 10) :] > 0.5
        warn_of(
            path,
            f"the mask covers {lower.mean():.0%} of the lowest tenth and {upper.mean():.0%} of the upper half, "
            f"as if the floor were the wall. If so: {'drop' if invert else 'try'} --invert-mask.",
        )
    return alpha


def _resized(alpha: np.ndarray, photo_shape: tuple[int, int], path: str | None) -> np.ndarray:
    (height, width), (wanted_height, wanted_width) = alpha.shape, photo_shape
    if (height, width) == (wanted_height, wanted_width):
        return alpha
    sizes = f"the mask is {width:,} × {height:,}, the photo {wanted_width:,} × {wanted_height:,}"
    if not _same_aspect(width / height, wanted_width / wanted_height):
        turned = _same_aspect(height / width, wanted_width / wanted_height)
        cure = "Rotate it by 90°, then it fits." if turned else "Make it from the same picture, uncropped."
        raise MaskSizeError(path, f"{sizes}, another aspect ratio. {cure}")
    warn_of(path, f"{sizes}; it is resized.")
    binary = edge_width(alpha) == 0
    shrinks = width * height > wanted_width * wanted_height
    resized = cv2.resize(
        alpha, (wanted_width, wanted_height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    return (resized > 0.5).astype(np.float32) if binary else np.clip(resized, 0, 1)


def _same_aspect(aspect: float, wanted: float) -> bool:
    return abs(aspect / wanted - 1) <= _ASPECT_TOLERANCE
