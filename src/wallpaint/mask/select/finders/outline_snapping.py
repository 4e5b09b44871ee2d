"""Outline refinement: a wall's outline moved by a few pixels to the nearest change of colour, by GrabCut."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.mask import edge_limits

_BAND = 5  # pixels to either side within which the outline may move


def snap_outline(colors: np.ndarray, wall: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Refine a wall's outline by GrabCut (Rother, Kolmogorov & Blake, SIGGRAPH 2004) in a band along it.

    Parameters
    ----------
    colors : (H, W, 3) uint8
        In a colour space whose Euclidean distance is about the visible difference.
    wall : (H, W) bool
        The wall before refinement.
    marked : (H, W) int8
        1 where a click marks wall, -1 where a click marks something else, 0 elsewhere.

    Returns
    -------
    (H, W) bool
        The wall with the refined outline.
    """
    inner, outer = edge_limits(wall, _BAND)
    labels = np.where(wall, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner], labels[~outer] = cv2.GC_FGD, cv2.GC_BGD
    labels[marked > 0], labels[marked < 0] = cv2.GC_FGD, cv2.GC_BGD
    if not {cv2.GC_FGD, cv2.GC_BGD} <= set(np.unique(labels)):
        return wall
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # GrabCut initializes its colour models by k-means from random centres
    cv2.grabCut(colors, labels, (0, 0, 0, 0), background, foreground, 1, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
