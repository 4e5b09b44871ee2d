"""How much of each pixel a mask means to be wall, whichever way it was drawn or stored."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.errors import MaskError, warn_of

_GREY_SPREAD = 24  # largest minus smallest channel of a pixel that JPEG's chroma may still have meant as grey
_SAME_COLOR = 40  # per channel; what compression and smoothing leave of one drawn colour
_SAMPLE = 500_000  # pixels that are enough to find the two colours of a mask
_NEAR_END = 16  # a lossy code value this close to 0 or 255 meant 0 or 255
_JPEG_EDGE = 2.0  # pixels of half-tones a lossy binary mask shows across its edge


def wall_values(pixels: np.ndarray, path: str | None = None) -> np.ndarray:
    """Alpha of the wall from a mask's pixels.

    Parameters
    ----------
    pixels : (H, W), (H, W, 1), (H, W, 2) grey + alpha, (H, W, 3) RGB or (H, W, 4) RGBA
        bool; unsigned or signed integers (8 bit if none exceeds 255, else 16); floats in [0, 1].
        More than one channel only as uint8.
    path : str, optional
        How messages name the mask.

    Returns
    -------
    (H, W) float32
        In [0, 1], 1 = wall.

    Raises
    ------
    MaskError
        Values out of range or not finite, a shape that is none of these, or more than two colours.

    Warns
    -----
    WallpaintWarning
        The wall's value is not full white, or the mask is drawn in colours.

    Notes
    -----
    *Transparency.* Where alpha varies, alpha is the mask, whatever lies under it (one colour, or the cut-out photo);
    except that on a layer painted in black *and* white, transparent counts as black. Constant alpha is ignored.

    *Two values only, the lower 0*: the upper one is the wall, be it 1, 128 or 255.

    *Colours.* Of two colours the more colourful marks the wall (red on black, red on white), the lighter one if they
    are equally colourful; pixels between them count in proportion. Three colours or more (5 % of the pixels off
    the line between the two) are a segmentation map or a photo, and refused.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.size == 0:
        raise MaskError(path, f"the mask holds no pixels (shape {pixels.shape}).")
    if pixels.ndim == 2:
        return _of_one_channel(pixels, path)
    if pixels.ndim != 3 or pixels.shape[-1] > 4 or pixels.dtype != np.uint8:
        raise MaskError(
            path,
            f"a mask of shape {pixels.shape} and type {pixels.dtype} is not understood. "
            "Give (height, width), or 8-bit RGB or RGBA.",
        )
    return _of_channels(pixels, path)


def cleaned(alpha: np.ndarray) -> np.ndarray:
    """A mask that went through lossy compression, with its ripples taken off.

    Values within 16 / 255 of an end become that end, and the rest is stretched to meet them. If the half-tones that
    remain are a band of less than 2 pixels along the edge, they are the compression's and not the mask's: the mask was
    binary and becomes so again, at 0.5.
    """
    end = _NEAR_END / 255
    stretched = np.clip((alpha - end) / (1 - 2 * end), 0, 1).astype(np.float32)
    if edge_width(stretched) < _JPEG_EDGE:
        return (stretched > 0.5).astype(np.float32)
    return stretched


def edge_width(alpha: np.ndarray) -> float:
    """Mean width in pixels of the half-tones (0.02 < α < 0.98) along a mask's edge: 0 if binary, ∞ if it has no edge.

    The edge is counted in wall pixels (α > 0.5) with a neighbour above, below, left or right that is none.
    """
    half_tones = int(np.count_nonzero((alpha > 0.02) & (alpha < 0.98)))
    if not half_tones:
        return 0.0
    wall = (alpha > 0.5).astype(np.uint8)
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    edge = int(np.count_nonzero(wall - cv2.erode(wall, cross, borderType=cv2.BORDER_REPLICATE)))
    return half_tones / edge if edge else float("inf")


def _of_one_channel(values: np.ndarray, path: str | None) -> np.ndarray:
    if values.dtype == bool:
        return values.astype(np.float32)
    lowest, highest = values.min(), values.max()
    if np.issubdtype(values.dtype, np.floating):
        if not (np.isfinite(lowest) and np.isfinite(highest) and lowest >= 0 and highest <= 1):
            raise MaskError(path, f"mask values run from {lowest:g} to {highest:g}. Scale them to [0, 1].")
        return values.astype(np.float32)
    if not np.issubdtype(values.dtype, np.integer) or lowest < 0 or highest > 65535:
        raise MaskError(
            path,
            f"mask values of type {values.dtype} from {lowest} to {highest} are not understood. Save it as 8-bit grey.",
        )
    full = 65535 if highest > 255 else 255
    if 0 < highest < full and np.all((values == 0) | (values == highest)):
        warn_of(path, f"the mask's white is {highest} of {full}; it is read as a binary mask, {highest} being wall.")
        return (values != 0).astype(np.float32)
    return values.astype(np.float32) / np.float32(full)


def _of_channels(pixels: np.ndarray, path: str | None) -> np.ndarray:
    alpha = pixels[..., -1] if pixels.shape[-1] in (2, 4) else None
    color = np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] == 2 else pixels[..., :3]
    if alpha is None or alpha.min() == alpha.max():
        return _of_color(color, path)
    if not _is_black_and_white(color[alpha > 0]):
        return alpha.astype(np.float32) / 255
    return _of_color(color, path) * (alpha.astype(np.float32) / 255)


def _is_black_and_white(visible: np.ndarray) -> bool:
    """(N, 3) uint8: nearly all pixels are black or white, and both occur."""
    black = np.count_nonzero(visible.max(-1) <= _SAME_COLOR)
    white = np.count_nonzero(visible.min(-1) >= 255 - _SAME_COLOR)
    return bool(min(black, white) > 0 and black + white >= 0.95 * len(visible))


def _of_color(color: np.ndarray, path: str | None) -> np.ndarray:
    color = np.ascontiguousarray(color)
    if np.mean(color.max(-1) - color.min(-1) > _GREY_SPREAD) <= 0.001:
        return _of_one_channel(cv2.cvtColor(color, cv2.COLOR_RGB2GRAY), path)
    step = max(1, round((color.size / 3 / _SAMPLE) ** 0.5))
    rest, wall = _two_colors(color[::step, ::step], path)
    warn_of(path, f"the mask is drawn in colours; {_hex(wall)} is read as wall and {_hex(rest)} as the rest.")
    axis = _axis(rest, wall)
    alpha = cv2.transform(color.astype(np.float32), np.append(axis, -rest @ axis)[None])
    return np.clip(alpha, 0, 1)


def _axis(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(3,) whose product with a colour's offset from `start` is 0 there and 1 at `end`."""
    return (end - start) / np.sum((end - start) ** 2)


def _two_colors(color: np.ndarray, path: str | None) -> tuple[np.ndarray, np.ndarray]:
    """The rest's and the wall's colour, (3,) float32 each."""
    bins = (color.astype(np.int32) >> 3) @ np.array([1024, 32, 1], np.int32)
    counts = np.bincount(bins.ravel(), minlength=32768)
    centers = np.stack(np.unravel_index(np.arange(32768), (32, 32, 32)), -1) * 8 + 4
    first = int(counts.argmax())
    far = np.abs(centers - centers[first]).max(-1) > 2 * _SAME_COLOR
    second = int(np.where(far, counts, -1).argmax())
    if not counts[second]:
        raise MaskError(path, f"it is one colour, {_hex(centers[first])}. Make the wall white and the rest black.")
    found = [color[bins == chosen].mean(0, dtype=np.float32) for chosen in (first, second)]
    along = np.clip((color - found[0]) @ _axis(*found), 0, 1)[..., None]
    blends = np.abs(color - found[0] - along * (found[1] - found[0])).max(-1) <= _SAME_COLOR
    share = float(np.mean(blends))
    if share < 0.95:
        raise MaskError(
            path,
            f"two colours and their blends cover only {share:.0%} of it, so it is a photo or a map of many classes. "
            "Make the wall white and the rest black.",
        )
    rest, wall = sorted(found, key=lambda one: (round(float(np.ptp(one)) / _GREY_SPREAD), float(one.sum())))
    return rest, wall


def _hex(color: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(round(float(channel)) for channel in color))
