"""The two layers of a snapshot without the colour that its storage spreads over the edge of a wall.

Layers are stored as WebP, whose colours have half the resolution: within a pixel or two of a wall's edge each layer
holds some of what is beyond. Networks that look at edges need layers that end where the share of wall ends.
"""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.rooms.snapshots.snapshot import Snapshot

_PURE = 0.99
_FORGET = 1  # pixels from an edge whose colour is not trusted
_REACHES = (1.0, 2.5, 6.0)  # pixels; radii of the search for trusted colour, nearest first


def clean_layers(snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray]:
    """Rest and wall, (H, W, 3) float32 each, linear light times their share.

    At edges the colour is that of the nearest pixels that are all wall, or all rest; of things without such a pixel, it
    is their own.
    """
    return _cleaned(snapshot.rest, 1 - snapshot.alpha), _cleaned(snapshot.wall, snapshot.alpha)


def _cleaned(layer: np.ndarray, share: np.ndarray) -> np.ndarray:
    around = np.ones((2 * _FORGET + 1,) * 2, np.uint8)
    trusted = cv2.erode((share >= _PURE).astype(np.float32), around)
    color = np.where((trusted > 0)[..., None], layer, 0)
    known = trusted > 0
    filled = color.copy()
    for weight in (trusted, share.astype(np.float32) ** 4):
        marked = np.dstack([layer * (weight[..., None] / np.maximum(share, 1e-3)[..., None]), weight])
        for reach in _REACHES:
            mean = cv2.GaussianBlur(marked, (0, 0), reach, borderType=cv2.BORDER_REFLECT)
            found = (mean[..., 3] > 0.005) & ~known
            filled[found] = mean[found][:, :3] / mean[found][:, 3:]
            known |= found
    return filled * share[..., None]
