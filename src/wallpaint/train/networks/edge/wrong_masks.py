"""Masks with the errors of segmenters, brushes, polygons and enlargement, made from true coverage."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from wallpaint.rooms import degrade_mask

_LARGEST = 5  # times by which masks are enlarged


def wrong_mask(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A mask of the wall as people and programs make them.

    Parameters
    ----------
    alpha : (h, w) float32
        True coverage in [0, 1].
    random : numpy Generator

    Returns
    -------
    (h, w) float32
        In [0, 1], mostly hard; off by up to about 4 pixels.
    """
    kind = _KINDS[int(random.choice(len(_KINDS), p=_CHANCES))]
    mask = kind(alpha, random)
    if random.random() < 0.3:
        shift = random.uniform(-1.5, 1.5, 2)
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        soft = ((mask > 0) & (mask < 1)).any()
        moved = cv2.warpAffine(mask, matrix, mask.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = moved if soft else (moved > 0.5).astype(np.float32)
    return mask


def _exact(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return (alpha > random.uniform(0.3, 0.7)).astype(np.float32)


def _segmenter(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return degrade_mask(alpha, random)


def _brush(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """An outline that wanders, and holes and strands up to a brush's size filled or left out."""
    height, width = alpha.shape
    size = 2 * int(random.integers(0, 4)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    how = cv2.MORPH_OPEN if random.random() < 0.5 else cv2.MORPH_CLOSE
    drawn: np.ndarray = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), how, disc).astype(np.float32)
    cells = int(random.integers(2, 9))
    wander = random.normal(size=(2, cells, cells)).astype(np.float32) * random.uniform(0.3, 2)
    move = [cv2.resize(each, (width, height), interpolation=cv2.INTER_CUBIC) for each in wander]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    drawn = cv2.remap(drawn, x + move[0], y + move[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return (drawn > 0.5).astype(np.float32)


def _polygon(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Corners placed with an error of 1 to 3 pixels (Douglas-Peucker)."""
    drawn = (alpha > 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(drawn, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    error = random.uniform(1, 3)
    simple = [cv2.approxPolyDP(contour, error, True) for contour in contours]
    mask = np.zeros(alpha.shape, np.uint8)
    cv2.fillPoly(mask, [each for each in simple if len(each) > 2], 1)
    return mask.astype(np.float32)


def _enlarged(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A hard mask 2 to 5 times smaller, enlarged: stair-steps, or facets where it is interpolated."""
    times = random.uniform(2, _LARGEST) if random.random() < 0.4 else float(random.integers(2, _LARGEST + 1))
    small = (_reduced(alpha, times, random) > random.uniform(0.35, 0.65)).astype(np.float32)
    if random.random() < 0.4:
        small = (cv2.GaussianBlur(small, (0, 0), 0.8) > 0.5).astype(np.float32)
    method = cv2.INTER_NEAREST if random.random() < 0.5 else cv2.INTER_LINEAR
    return (_grown(small, times, alpha.shape, method) > 0.5).astype(np.float32)


def _coarse_alpha(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Alpha found at a smaller size and enlarged: what a coarser pass hands on."""
    times = random.uniform(2, 4.5)
    small = _reduced(alpha, times, random)
    if random.random() < 0.6:
        error = random.normal(size=(4, 4)).astype(np.float32) * random.uniform(0, 0.5)
        wander = cv2.resize(error, small.shape[::-1], interpolation=cv2.INTER_CUBIC)
        slope = cv2.GaussianBlur(small, (0, 0), 0.8)
        small = np.clip(slope + wander * 4 * slope * (1 - slope), 0, 1)
    return np.clip(_grown(small, times, alpha.shape, cv2.INTER_LINEAR), 0, 1)


def _reduced(alpha: np.ndarray, times: float, random: np.random.Generator) -> np.ndarray:
    """Means over cells of a grid."""
    size = tuple(max(3, round(length / times)) for length in alpha.shape[::-1])
    return cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)


def _grown(small: np.ndarray, times: float, shape: tuple[int, ...], method: int) -> np.ndarray:
    return cv2.resize(small, shape[::-1], interpolation=method)


_Kind = Callable[[np.ndarray, np.random.Generator], np.ndarray]
_KINDS: tuple[_Kind, ...] = (_exact, _segmenter, _brush, _polygon, _enlarged, _coarse_alpha)
_CHANCES = (0.1, 0.22, 0.14, 0.14, 0.22, 0.18)
