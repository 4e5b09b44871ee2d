"""Estimation and removal of noise and codec ripples in a mask."""

from __future__ import annotations

import cv2
import numpy as np

_RIPPLE = 0.7 / 255  # alpha; smallest peak, so that rounding to a byte makes none
# Share of local extremes among the pixels off an end from which they are noise; measured: blur ≤ 0.03, noise and JPEG
# ≥ 0.6.
_EXTREMES = 0.1
_CALM = 0.2  # alpha; a pixel that stays, with its neighbours, this close to one end is not on an edge
_MOST_NOISE = 0.45  # alpha
_FEWEST_TAILS = 0.5  # pixels off an end per edge pixel, up to which they belong to the edge
_FAINT = 0.05  # alpha; fainter patches belong to the mask only if they are connected to an edge
_LOSSY_EDGE = 2.0  # pixels; width of the half-tones that lossy codecs add along a binary mask's edge
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def noise_of(alpha: np.ndarray, smooth: np.ndarray) -> float:
    """Largest deviation of noise or codec ripples from 0 or 1 away from edges, as alpha in [0, 0.45]; 0 if clean."""
    around = np.ones((5, 5), np.uint8)
    dark = cv2.dilate(smooth, around) <= _CALM
    bright = cv2.erode(smooth, around) >= 1 - _CALM
    off_end = np.minimum(alpha, 1 - alpha)
    tails = (dark | bright) & (off_end > 1 / 512)
    count = int(np.count_nonzero(tails))
    if count <= _FEWEST_TAILS * max(1, _edge_length(alpha)):
        return 0.0
    if np.count_nonzero(is_extreme(alpha)[tails]) < _EXTREMES * count:
        return 0.0
    return min(_MOST_NOISE, float(off_end[tails].max()))


def is_extreme(alpha: np.ndarray) -> np.ndarray:
    """(H, W) bool: local extremes, above or below both neighbours in a row or a column; a smooth edge has none."""
    extreme = np.zeros(alpha.shape, bool)
    for plane, found in ((alpha, extreme), (alpha.T, extreme.T)):
        step = np.diff(plane, axis=1)
        found[:, 1:-1] |= np.minimum(step[:, :-1], -step[:, 1:]) >= _RIPPLE
        found[:, 1:-1] |= np.maximum(step[:, :-1], -step[:, 1:]) <= -_RIPPLE
    return extreme


def without_islands(alpha: np.ndarray) -> np.ndarray:
    """Set faint patches (within 0.05 of 0 or 1) that are not connected to an edge to 0 or 1; codecs leave them."""
    for end in (0, 1):
        off_end = np.abs(alpha - np.float32(end))
        visible, strong = off_end > 0, off_end >= _FAINT
        del off_end  # a mask may have 100 million pixels
        if not np.any(visible & ~strong):
            continue
        count, labels = cv2.connectedComponents(visible.astype(np.uint8), connectivity=8)
        drawn = np.zeros(count, bool)
        drawn[labels[strong]] = True
        if not drawn[1:].all():
            alpha = np.where(drawn[labels], alpha, np.float32(end))
    return alpha


def _edge_length(alpha: np.ndarray) -> int:
    wall = (alpha > 0.5).astype(np.uint8)
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    return int(np.count_nonzero(wall - cv2.erode(wall, cross, borderType=cv2.BORDER_REPLICATE)))


def grain(values: np.ndarray) -> np.ndarray:
    """(H, W) float32 response to Immerkær's operator, which cancels slopes; 6 times the standard deviation of noise."""
    return cv2.filter2D(values, cv2.CV_32F, _IMMERKAER)


def without_noise(alpha: np.ndarray, noise: float) -> np.ndarray:
    """Remove noise: values within `noise` of 0 or 1 become 0 or 1, and the rest is stretched to [0, 1].

    If the remaining half-tones are a band of less than 2 pixels along the edge, they come from the noise: the mask was
    binary, and is made binary again at 0.5.
    """
    alpha = np.clip((alpha - noise) / (1 - 2 * noise), 0, 1).astype(np.float32)
    return (alpha > 0.5).astype(np.float32) if edge_width(alpha) < _LOSSY_EDGE else alpha


def edge_width(alpha: np.ndarray) -> float:
    """Mean width in pixels of the half-tones (0.02 < α < 0.98) along a mask's edge: 0 if binary, ∞ if it has no edge.

    The length of the edge is the number of wall pixels (α > 0.5) with a neighbour above, below, left or right that is
    not wall.
    """
    half_tones = int(np.count_nonzero((alpha > 0.02) & (alpha < 0.98)))
    if not half_tones:
        return 0.0
    edge = _edge_length(alpha)
    return half_tones / edge if edge else float("inf")
