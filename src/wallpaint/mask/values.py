"""Conversion of a mask's pixel values to alpha: greys, transparency, colours."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.errors import MaskError, warn_of
from wallpaint.mask.noise import without_noise
from wallpaint.mask.stretch import NEAR_END, refusal, stretched

_GREY_SPREAD = 24  # largest minus smallest channel of a grey pixel after JPEG's chroma compression
_SAME_COLOR = 40  # difference per channel within one drawn colour after compression and smoothing
_ROUNDING = 1e-3  # allowed excess beyond [0, 1]: resampling and half precision overshoot
_SAMPLE = 500_000  # pixels from which the two colours of a mask are found
_BLENDS = 0.95  # least share of the pixels between the two colours
_OTHER_COLOR = 0.01  # largest share of the pixels in flat patches of a third colour; more make a class map
_FEW_COLORS = 6  # most colours of a class map that the error names


def wall_values(pixels: np.ndarray, path: str | None = None) -> np.ndarray:
    """Convert a mask's pixels to alpha of the wall.

    Parameters
    ----------
    pixels : (H, W), (H, W, 1), (H, W, 2) grey + alpha, (H, W, 3) RGB or (H, W, 4) RGBA
        bool; unsigned or signed integers (8 bit if none exceeds 255, else 16); floats in [0, 1].
        More than one channel only as uint8.
    path : str, optional
        Name of the mask in messages.

    Returns
    -------
    (H, W) float32
        Alpha in [0, 1], 1 = wall.

    Raises
    ------
    MaskError
        Values are out of range or not finite, the shape is not one of these, or there are more than two colours.

    Warns
    -----
    WallpaintWarning
        The mask's greys are not black and white, or the mask is drawn in colours.

    Notes
    -----
    *Greys.* Two greys are the rest and the wall: 0 and 1, 10 and 245, or clouds around two values; alpha is stretched
    between them (see `stretched`). More than two are refused, unless they are a smooth edge.

    *Transparency.* If the alpha channel varies, it is the mask, independent of the colours (one colour, or the cut-out
    photo). Exception: on a layer painted in black *and* white, transparent pixels are black. Constant alpha is ignored.

    *Colours.* Of two colours the more saturated marks the wall (red on black, red on white); if both are equally
    saturated, the lighter one. Pixels between them get alpha in proportion. A mask with a third colour (1 % of the
    pixels in flat patches of it, or 5 % anywhere off the line between the two) is refused as a class map or a photo.
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
            f"a mask of shape {pixels.shape} and type {pixels.dtype} is not supported. "
            "Give (height, width), or 8-bit RGB or RGBA.",
        )
    return _of_channels(pixels, path)


def cleaned(alpha: np.ndarray) -> np.ndarray:
    """Remove ripples of lossy compression, up to 16 / 255, from a mask: see `without_noise`."""
    return without_noise(alpha, NEAR_END)


def _of_one_channel(values: np.ndarray, path: str | None) -> np.ndarray:
    if values.dtype == bool:
        return values.astype(np.float32)
    lowest, highest = values.min(), values.max()
    if np.issubdtype(values.dtype, np.floating):
        if not (np.isfinite(lowest) and np.isfinite(highest) and lowest >= -_ROUNDING and highest <= 1 + _ROUNDING):
            raise MaskError(path, f"mask values range from {lowest:g} to {highest:g}. Scale them to [0, 1].")
        return stretched(np.clip(values.astype(np.float32), 0, 1), 1, path)
    if not np.issubdtype(values.dtype, np.integer) or lowest < 0 or highest > 65535:
        raise MaskError(
            path,
            f"mask values of type {values.dtype} from {lowest} to {highest} are not supported. Save it as 8-bit grey.",
        )
    full = 65535 if highest > 255 else 255
    return stretched(values.astype(np.uint16 if full == 65535 else np.uint8, copy=False), full, path)


def _of_channels(pixels: np.ndarray, path: str | None) -> np.ndarray:
    alpha = pixels[..., -1] if pixels.shape[-1] in (2, 4) else None
    color = np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] == 2 else pixels[..., :3]
    if alpha is None or alpha.min() == alpha.max():
        return _of_color(color, path)
    if not _is_black_and_white(color[alpha > 0]):
        return stretched(np.ascontiguousarray(alpha), 255, path)
    return _of_color(color, path) * stretched(np.ascontiguousarray(alpha), 255, path)


def _is_black_and_white(visible: np.ndarray) -> bool:
    """Whether nearly all pixels, (N, 3) uint8, are black or white, and both occur."""
    black = np.count_nonzero(visible.max(-1) <= _SAME_COLOR)
    white = np.count_nonzero(visible.min(-1) >= 255 - _SAME_COLOR)
    return bool(min(black, white) > 0 and black + white >= 0.95 * len(visible))


def _spread(color: np.ndarray) -> np.ndarray:
    """(H, W) largest minus smallest channel; by channel, because NumPy reduces a short last axis slowly."""
    red, green, blue = np.moveaxis(color, -1, 0)
    return np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)


def _of_color(color: np.ndarray, path: str | None) -> np.ndarray:
    color = np.ascontiguousarray(color)
    if np.count_nonzero(_spread(color) > _GREY_SPREAD) <= 0.001 * color[..., 0].size:
        return _of_one_channel(cv2.cvtColor(color, cv2.COLOR_RGB2GRAY), path)
    step = max(1, round((color.size / 3 / _SAMPLE) ** 0.5))
    rest, wall = _two_colors(color[::step, ::step], path)
    warn_of(path, f"the mask is drawn in colours; {_hex(wall)} is read as wall and {_hex(rest)} as the rest.")
    axis = _axis(rest, wall)
    alpha = cv2.transform(color.astype(np.float32), np.append(axis, -rest @ axis)[None])
    return stretched(np.clip(alpha, 0, 1), 1, path, lambda share: _hex(rest + share * (wall - rest)))


def _axis(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(3,) vector whose dot product with (colour − start) is 0 at `start` and 1 at `end`."""
    return (end - start) / np.sum((end - start) ** 2)


def _two_colors(color: np.ndarray, path: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Colours of the rest and of the wall, (3,) float32 each."""
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
    others = np.count_nonzero(cv2.erode((~blends).astype(np.uint8), np.ones((3, 3), np.uint8)))
    if np.mean(blends) < _BLENDS or others > _OTHER_COLOR * blends.size:
        raise _too_many_colors(path, counts, centers, float(np.mean(blends)))
    rest, wall = sorted(found, key=lambda one: (round(float(np.ptp(one)) / _GREY_SPREAD), float(one.sum())))
    return rest, wall


def _too_many_colors(path: str | None, counts: np.ndarray, centers: np.ndarray, share: float) -> MaskError:
    """Error for a class map of a few colours, which it names, or for a photo."""
    left, total = counts.astype(np.float64), int(counts.sum())
    names: list[str] = []
    shares: list[float] = []
    while left.max() > _OTHER_COLOR / 10 * total and len(names) <= _FEW_COLORS:
        most = int(left.argmax())
        near = np.abs(centers - centers[most]).max(-1) <= _SAME_COLOR
        names.append(_hex(centers[most]))
        shares.append(float(left[near].sum() / total))
        left[near] = 0
    if len(names) <= _FEW_COLORS and left.sum() < (1 - _BLENDS) * total:
        return refusal(path, names, shares, "colours")
    return MaskError(
        path,
        f"two colours and their blends cover only {share:.0%} of it, so it is a photo or a map of many classes. "
        "Make the wall white and the rest black.",
    )


def _hex(color: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(round(float(channel)) for channel in color))
