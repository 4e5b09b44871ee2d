"""An outline moved by a few pixels to where the colours part."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.mask import edge_limits

_BAND = 5  # pixels to either side that the outline may move


def snap_outline(colors: np.ndarray, wall: np.ndarray, said: np.ndarray) -> np.ndarray:
    """GrabCut (Rother, Kolmogorov & Blake, SIGGRAPH 2004) in a band along a wall's outline.

    Parameters
    ----------
    colors : (H, W, 3) uint8
        In any space where distance means difference.
    wall : (H, W) bool
    said : (H, W) int8
        1 where a person said it is wall, -1 where not, 0 elsewhere.

    Returns
    -------
    (H, W) bool
    """
    inner, outer = edge_limits(wall, _BAND)
    labels = np.where(wall, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner], labels[~outer] = cv2.GC_FGD, cv2.GC_BGD
    labels[said > 0], labels[said < 0] = cv2.GC_FGD, cv2.GC_BGD
    if not {cv2.GC_FGD, cv2.GC_BGD} <= set(np.unique(labels)):
        return wall
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its colour models start from a random k-means
    cv2.grabCut(colors, labels, (0, 0, 0, 0), background, foreground, 1, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
