"""Light of the wall that is taken out of mixed pixels, robust against errors of alpha.

In I = αW + (1 − α)O, an error of α or of W is left over when αW is subtracted: a pale fleck around dark hair before a
pale wall that is painted dark, a dark rim around a pale thing before a dark wall that is painted white. What is left
over must look like the things nearby. O is therefore the mean of two estimates, weighted by their variances: I − αW,
with an error in proportion to the difference of wall and things; and the colour of pure pixels beyond the edge nearby,
with their local variance.
"""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.mask.matting import TILE
from wallpaint.photo.encoding import bytes_to_linear

_REACHES = (2.0, 6.0)  # pixels; radii of the search for pixels without wall, nearest first
_CONTEXT = 24  # pixels around mixed pixels that are looked at
_FOUND = 0.01  # share of such pixels around from which their colour is known
ESTIMATED, GIVEN = 0.08, 0.02  #: standard deviation of alpha that was estimated, and of a soft mask's
_WALL_ERROR = 0.4  # standard deviation of the wall's light as a share of it, over that of alpha
_LEAST = 0.004  # linear light; standard deviation of the things' colour at least
_LEAST_SHARE = 0.1  # the same as a share of that colour


def removed_wall(
    pixels: np.ndarray,
    alpha: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    wall: np.ndarray,
    alpha_error: float = ESTIMATED,
) -> np.ndarray:
    """Light of the wall to take out of each mixed pixel.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    alpha : (H, W) float32
        Share of wall in each pixel, [0, 1].
    rows, columns : (N,) int
        Positions of the mixed pixels.
    wall : (N, 3) float32
        Linear light of the wall alone, from `estimate_wall_radiance`.
    alpha_error : float
        Standard deviation of the errors of alpha, > 0.

    Returns
    -------
    (N, 3) float32
        R for which I − αR, never negative, is the light of the other things; `wall` itself where no pixel without wall
        is near.
    """
    if not len(rows):
        return wall
    share = alpha[rows, columns][:, None]
    light = bytes_to_linear(pixels[rows, columns])
    color, variance, known = _things_nearby(pixels, alpha, rows, columns)
    left = light - share * wall
    own = (alpha_error * (wall - color)) ** 2 + (_WALL_ERROR * alpha_error * share * wall) ** 2 + _LEAST**2 / 4
    weight = (1 - share) ** 2 * (variance + _LEAST**2 + (_LEAST_SHARE * color) ** 2)
    things = (left * weight + (1 - share) * color * own) / (weight + own)
    things = np.clip(np.where(known[:, None], things, left), 0, None)
    return ((light - things) / share).astype(np.float32)


def _things_nearby(
    pixels: np.ndarray, alpha: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, 3) mean linear light and its variance over pixels without wall around each mixed pixel; (N,) bool if any."""
    color, variance = np.zeros((2, len(rows), 3), np.float32)
    known = np.zeros(len(rows), bool)
    tile = rows // TILE * (alpha.shape[1] // TILE + 1) + columns // TILE
    order = np.argsort(tile, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        top, left = (max(0, int(at[some].min()) - _CONTEXT) for at in (rows, columns))
        bottom, right = (int(at[some].max()) + _CONTEXT + 1 for at in (rows, columns))
        linear = bytes_to_linear(pixels[top:bottom, left:right])
        without = (alpha[top:bottom, left:right] <= 0).astype(np.float32)
        kept = linear * without[..., None]
        for reach in _REACHES:
            left_out = some[~known[some]]
            if not len(left_out):
                break
            at = rows[left_out] - top, columns[left_out] - left
            mean, square, coverage = (
                cv2.GaussianBlur(each, (0, 0), reach, borderType=cv2.BORDER_REFLECT)[at]
                for each in (kept, kept * linear, without)
            )
            found = coverage > _FOUND
            mean, square = (each[found] / coverage[found][:, None] for each in (mean, square))
            color[left_out[found]] = mean
            variance[left_out[found]] = np.maximum(square - mean**2, 0)
            known[left_out[found]] = True
    return color, variance, known
