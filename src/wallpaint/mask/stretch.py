"""Detection of the two greys in which a mask is drawn, and stretching of its alpha between them.

A mask should be black and white. Video range, an eraser at 96 %, a brush at 70 % opacity or a lossy codec give two
other greys, or two clusters ("clouds") of greys; a class map or a photo has more than two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from wallpaint.errors import MaskError, warn_of
from wallpaint.mask.noise import grain, is_extreme, noise_of, without_islands, without_noise

NEAR_END = 16 / 255  #: share of the range; greys this close to 0 or 1 are read as 0 or 1
_PLATEAU = 0.005  # least share of the pixels in flat patches of one grey that makes it a drawn grey
_FEW_VALUES = 16  # most distinct values of a mask without codec, brush or scaling
_CODEC = 6 / 255  # share of white; largest change of a drawn grey by a codec
_CLASS = 0.02  # least share of the pixels of a class in a class map; a smaller one may come from a codec
_MOST_UNKNOWN = 0.15  # largest share of the pixels at 127 or 128 for which they are the unknown of a trimap
_FLAT = 0.3  # share of the pixels in flat patches below which greys form clouds instead of plateaus
_CLOUD, _APART = 6, 14  # in 1/255 of the range: half the width of a cloud; distance from a cloud to its valley
_CLOUD_SHARE, _ABOVE_VALLEY = 0.02, 3.0  # least share of the pixels in a cloud; least ratio to the valleys beside it
_TWO_CLOUDS = 0.85  # least share of the variance between two clouds; it is 0.75 for an even ramp, 0.6 to 0.8 for photos
_GRAIN = 0.4  # median noise in 1/255 of the range, below which a mask is smooth
_HALF_TONES, _TEXTURE = 0.4, 0.06  # least share of half-tones in a photo, and of local extremes among them
_LEAST_SPAN = 10 / 255  # share of white; a smaller range of greys may come from a codec alone
_NAMED = 6  # most greys that an error names
_PATCH = np.ones((3, 3), np.uint8)
_THICKNESS, _LARGEST_PATCH = 0.006, 9  # half a patch of a third grey as a share of the longer side; its limit in pixels


class _Modes(NamedTuple):
    """Two greys of a mask: values of rest and wall in [0, full], the smoothed mask, and a trimap's value of unknown."""

    rest: float
    wall: float
    smooth: np.ndarray
    unknown: float | None = None


def stretched(
    values: np.ndarray, full: float, path: str | None = None, name: Callable[[float], str] | None = None
) -> np.ndarray:
    """Convert a plane of greys to alpha of the wall.

    Parameters
    ----------
    values : (H, W) uint8, uint16 or float32
        Greys in [0, full].
    full : float
        The value of white: 255, 65535 or 1.
    path : str, optional
        Name of the mask in messages.
    name : callable, optional
        Converts a value to text for messages.

    Returns
    -------
    (H, W) float32
        Alpha in [0, 1]. For a mask of one grey, and for a smooth one without two clear greys, it is ``values / full``.

    Raises
    ------
    MaskError
        The mask has more than two greys (class map, sketch), or is a photo.

    Warns
    -----
    WallpaintWarning
        The two greys are not black and white.

    Notes
    -----
    A grey is a drawn grey if at least 0.5 % of the pixels lie in flat patches of it (3 × 3; for a third grey up to
    9 × 9, by the picture's size). A smooth edge of any width has no drawn grey between its ends. Drawn greys within
    16/255 of the range from an end belong to that end. In a mask of at most 16 distinct values this holds only for the
    bright end, because 0, 1, 2 and 255 are class numbers. If less than 30 % of the pixels are flat, clouds of greys are
    searched in the median-filtered mask instead.

    A third grey of 127 or 128 between black and white, on at most 15 % of the pixels, marks unknown pixels (a trimap):
    they become wall where wall is nearer than the rest.

    Codec ripples and noise differ from a smooth edge by their peaks and troughs. A noisy mask is stretched until all
    its pixels away from edges are 0 or 1, and made binary if its remaining half-tones are narrower than 2 pixels. Faint
    patches (within 0.05 of 0 or 1) that are not connected to an edge are removed.
    """
    name = name or (lambda value: f"{value:.2f}" if full == 1 else f"{value:.0f}")
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        return values.astype(np.float32) / np.float32(full)
    distinct, counts = _distinct(values, full)
    if len(distinct) == 2:
        _warn_of_greys(path, distinct[0], distinct[1], full, name, binary=True)
        return (values == values.max()).astype(np.float32)
    modes = _modes(values, full, distinct, counts, path, name)
    if modes is None:
        alpha = values.astype(np.float32) / np.float32(full)
        _refuse_photo(alpha, alpha, path)
        return alpha
    span = modes.wall - modes.rest
    alpha = _scaled(values, modes.rest, span)
    if modes.unknown is not None:
        alpha = _resolve_unknown(alpha, np.abs(values.astype(np.float32) - np.float32(modes.unknown)) <= _CODEC * full)
        grey, share = name(modes.unknown), float(counts[np.abs(distinct - modes.unknown) <= _CODEC * full].sum())
        warn_of(
            path,
            f"{grey} ({share / values.size:.1%}) is read as unknown, as in a trimap: wall where wall is nearer than "
            "the rest.",
        )
        return without_islands(alpha)
    smooth = alpha if modes.smooth is values else _scaled(modes.smooth, modes.rest, span)
    _refuse_photo(alpha, smooth, path)
    noise = noise_of(alpha, smooth)
    if noise == 0 or max(modes.rest, full - modes.wall) > NEAR_END * full:
        _warn_of_greys(path, modes.rest, modes.wall, full, name)
    return without_islands(alpha if noise == 0 else without_noise(alpha, noise))


def _scaled(values: np.ndarray, rest: float, span: float) -> np.ndarray:
    """(H, W) float32: `values` from `rest` to ``rest + span`` brought to [0, 1], in place, as a mask may be large."""
    scaled = values.astype(np.float32)
    scaled -= np.float32(rest)
    scaled /= np.float32(span)
    return np.clip(scaled, 0, 1, out=scaled)


def refusal(path: str | None, greys: Sequence[str], shares: Sequence[float], kind: str = "greys") -> MaskError:
    """Error for a mask of more than two values; names each value with its share of the pixels."""
    named = [f"{grey} ({share:.0%})" for grey, share in zip(greys[:_NAMED], shares, strict=False)]
    more = f" and {len(greys) - _NAMED} more" if len(greys) > _NAMED else ""
    return MaskError(
        path,
        f"it is drawn in {len(greys)} {kind}, {', '.join(named)}{more}: a map of classes, a sketch or overlapping "
        "strokes. Make the wall white and the rest black.",
    )


def _distinct(values: np.ndarray, full: float) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values, ascending, and the number of pixels of each."""
    if not np.issubdtype(values.dtype, np.integer):
        values = np.rint(values * (65535 / full)).astype(np.uint16)
        distinct, counts = _distinct(values, 65535)
        return distinct * (full / 65535), counts
    bins = 256 if values.dtype == np.uint8 else 65536
    histogram = cv2.calcHist([np.ascontiguousarray(values)], [0], None, [bins], [0, bins]).ravel()
    distinct = np.flatnonzero(histogram)
    return distinct.astype(np.float64), histogram[distinct].astype(np.int64)


def _modes(
    values: np.ndarray,
    full: float,
    distinct: np.ndarray,
    counts: np.ndarray,
    path: str | None,
    name: Callable[[float], str],
) -> _Modes | None:
    """The two greys, or None for a smooth mask without two clear greys."""
    lowest, span = distinct[0], distinct[-1] - distinct[0]
    level = np.rint((values.astype(np.float32) - np.float32(lowest)) * np.float32(255 / span)).astype(np.uint8)
    if len(distinct) > 256:
        codes, distinct = level, lowest + np.arange(256) * span / 255
        counts = np.bincount(codes.ravel(), minlength=256)
    elif np.issubdtype(values.dtype, np.integer):
        codes = _ranks(values, distinct)
    else:
        codes = np.searchsorted(distinct, values - span / 131070).astype(np.uint8)
    flat_counts = _flat_counts(codes, _PATCH)[: len(distinct)]
    if flat_counts.sum() >= _FLAT * values.size:
        side = min(_LARGEST_PATCH, max(3, 2 * round(_THICKNESS * max(values.shape)) + 1))
        thick_counts = _flat_counts(codes, np.ones((side, side), np.uint8))[: len(distinct)]
        pair = _of_plateaus(distinct, counts, flat_counts, thick_counts, values.size, full, path, name)
        return None if pair is None else _Modes(pair[0], pair[1], values, pair[2])
    return _of_clouds(level, lowest, span, full, path, name)


def _refuse_photo(alpha: np.ndarray, smooth: np.ndarray, path: str | None) -> None:
    """Raise `MaskError` for a plane that, also after smoothing, is mostly half-tones with texture."""
    half_tones = (smooth > NEAR_END) & (smooth < 1 - NEAR_END)
    share = float(half_tones.mean())
    if share > _HALF_TONES and is_extreme(alpha)[half_tones].mean() > _TEXTURE:
        raise MaskError(
            path,
            f"{share:.0%} of its pixels are a texture between its darkest and its brightest grey, so it is a photo or "
            "a drawing. Make the wall white and the rest black.",
        )


def _flat_counts(codes: np.ndarray, patch: np.ndarray) -> np.ndarray:
    """(256,) number of pixels of each code whose surrounding patch has only this code."""
    flat = cv2.compare(cv2.erode(codes, patch), cv2.dilate(codes, patch), cv2.CMP_EQ)
    return cv2.calcHist([codes], [0], flat, [256], [0, 256]).ravel()


def _ranks(values: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    """(H, W) uint8 index of each value in `distinct`, which has at most 256 values."""
    table = np.zeros(256 if values.dtype == np.uint8 else 65536, np.uint8)
    table[distinct.astype(np.intp)] = np.arange(len(distinct))
    return table[values]


def _of_plateaus(
    distinct: np.ndarray,
    counts: np.ndarray,
    flat_counts: np.ndarray,
    thick_counts: np.ndarray,
    size: int,
    full: float,
    path: str | None,
    name: Callable[[float], str],
) -> tuple[float, float, float | None] | None:
    """Values of rest and wall, and a trimap's value of unknown or None; None if there are no two drawn greys."""
    plateau = flat_counts >= max(1, _PLATEAU * size)
    span = distinct[-1] - distinct[0]
    main = int(flat_counts.argmax())
    far = np.abs(distinct - distinct[main]) > span / 4
    if not plateau[far].any():  # thin strokes or a wide feather: only the farthest grey can be the other one
        if span < _LEAST_SPAN * full:
            return None
        plateau[[main, 0 if distinct[main] - distinct[0] > distinct[-1] - distinct[main] else -1]] = True
    if len(distinct) == 3 and abs(distinct[1] - full / 2) <= _CODEC * full:
        plateau[1] = True  # a trimap may have very few unknown pixels
    drawn, untouched = np.flatnonzero(plateau), len(distinct) <= _FEW_VALUES
    reach = max(NEAR_END * (distinct[drawn[-1]] - distinct[drawn[0]]), 0 if untouched else _CODEC * full)
    high = distinct[drawn] >= distinct[drawn[-1]] - reach
    low = ~high & (distinct[drawn] <= distinct[drawn[0]] + (0 if untouched else reach))
    low |= ~high & (distinct[drawn] <= distinct[drawn[0]] + reach) & (counts[drawn] < _CLASS * size)
    between = drawn[~(low | high)]
    unknown = None
    if distinct[drawn[0]] <= NEAR_END * full and distinct[drawn[-1]] >= (1 - NEAR_END) * full:
        is_middle = np.abs(distinct[between] - full / 2) <= _CODEC * full
        if is_middle.any() and is_middle.all() and counts[between].sum() <= _MOST_UNKNOWN * size:
            unknown = float(distinct[between[counts[between].argmax()]])
    if unknown is None and np.any(thick_counts[between] >= _PLATEAU * size):
        raise refusal(path, [name(value) for value in distinct[drawn]], (counts[drawn] / size).tolist())
    rest, wall = (float(distinct[drawn[end][flat_counts[drawn[end]].argmax()]]) for end in (low, high))
    if not untouched:  # a codec spreads one drawn grey over its neighbours
        rest = float(distinct[drawn[low & (distinct[drawn] <= rest + _CODEC * full)]].max())
        wall = float(distinct[drawn[high & (distinct[drawn] >= wall - _CODEC * full)]].min())
    return rest, wall, unknown


def _resolve_unknown(alpha: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Set unknown pixels to wall or rest, whichever known pixel is nearer."""
    to_wall, to_rest = (
        cv2.distanceTransform((unknown | (side != 1)).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for side in (np.rint(alpha), 1 - np.rint(alpha))
    )
    return np.where(unknown, to_wall < to_rest, alpha).astype(np.float32)


def _of_clouds(
    level: np.ndarray, lowest: float, span: float, full: float, path: str | None, name: Callable[[float], str]
) -> _Modes | None:
    smooth = cv2.medianBlur(level, 5)
    histogram = cv2.calcHist([smooth], [0], None, [256], [0, 256]).ravel() / level.size
    spread = cv2.subtract(cv2.dilate(smooth, _PATCH), cv2.erode(smooth, _PATCH))
    even = (spread <= _APART).astype(np.uint8)
    clouds = _clouds(cv2.calcHist([smooth], [0], even, [256], [0, 256]).ravel() / level.size)
    if len(clouds) > 2:
        greys = [name(lowest + cloud * span / 255) for cloud, _ in clouds]
        raise refusal(path, greys, [share for _, share in clouds])
    in_values = lowest + smooth.astype(np.float32) * np.float32(span / 255)
    noise = float(np.median(np.abs(grain(level)))) / (0.6745 * 6)
    if noise < _GRAIN:
        if lowest <= NEAR_END * full and lowest + span >= (1 - NEAR_END) * full:
            return _Modes(0.0, full, in_values)
        if len(clouds) < 2 or not all(cloud <= _CLOUD or cloud >= 255 - _CLOUD for cloud, _ in clouds):
            return None
        return _Modes(lowest, lowest + span, in_values)
    split, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)
    above = smooth > split
    if _between_share(histogram, int(split)) < _TWO_CLOUDS or not above.any() or above.all():
        return None
    rest, wall = (float(np.median(level[where])) for where in (~above, above))
    return _Modes(lowest + rest * span / 255, lowest + wall * span / 255, in_values)


def _clouds(histogram: np.ndarray) -> list[tuple[int, float]]:
    """Centre and share of every cloud in a histogram, (256,) shares; a cloud exceeds the valleys on both sides."""
    reach = np.arange(-_APART - _CLOUD, 256 + _APART + _CLOUD)
    padded = np.zeros(len(reach))
    padded[_APART + _CLOUD : _APART + _CLOUD + 256] = histogram
    around = np.convolve(padded, np.ones(2 * _CLOUD + 1), "same")
    at = np.arange(256) + _APART + _CLOUD
    here = around[at]
    stands_out = here >= _ABOVE_VALLEY * np.maximum(around[at - _APART], around[at + _APART])
    left = np.where(stands_out & (here >= _CLOUD_SHARE), here, 0)
    found = []
    while left.any():
        middle = int(left.argmax())
        found.append((middle, float(here[middle])))
        left[max(0, middle - _APART) : middle + _APART + 1] = 0
    return sorted(found)


def _between_share(histogram: np.ndarray, split: int) -> float:
    """Share of the variance between the two classes of a split (Otsu's η)."""
    levels = np.arange(256)
    mean = float(histogram @ levels)
    total = float(histogram @ (levels - mean) ** 2)
    low = float(histogram[: split + 1].sum())
    if not 0 < low < 1 or total == 0:
        return 0.0
    low_mean = float(histogram[: split + 1] @ levels[: split + 1]) / low
    return low * (mean - low_mean) ** 2 / (1 - low) / total


def _warn_of_greys(
    path: str | None, rest: float, wall: float, full: float, name: Callable[[float], str], *, binary: bool = False
) -> None:
    if rest == 0 and wall == full:
        return
    how = f"it is read as a binary mask, {name(wall)} being wall" if binary else "it is stretched between the two"
    greys = f"white is {name(wall)}" if rest == 0 else f"black is {name(rest)} and its white {name(wall)}"
    warn_of(path, f"the mask's {greys} of {full:.0f}; {how}.")
