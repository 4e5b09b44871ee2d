"""The finder that comes with the package: small networks trained on rendered rooms."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from wallpaint.mask.select.click import Click
from wallpaint.networks.wall import WallNetwork, shipped_wall_network
from wallpaint.networks.wall_inputs import similarity

_SHARPNESS = 8.0  # as in training: log odds of one flat surface at cosine 1; at cosine 0.5 they are 0


class RoomsFinder:
    """Finds walls with or without clicks, by networks trained on rendered rooms; runs without torch.

    Parameters
    ----------
    network : WallNetwork, optional
        The shipped one by default.

    Raises
    ------
    WeightsError
        The shipped networks are damaged.
    """

    automatic = True

    def __init__(self, network: WallNetwork | None = None) -> None:
        self._network = network or shipped_wall_network()

    def look(self, pixels: np.ndarray) -> WallInPhoto:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB."""
        return WallInPhoto(self._network, pixels)


class WallInPhoto:
    """One photo as the networks see it.

    Parameters
    ----------
    network : WallNetwork
    pixels : (H, W, 3) uint8
        sRGB, upright.
    """

    def __init__(self, network: WallNetwork, pixels: np.ndarray) -> None:
        self._network, self._size = network, pixels.shape[:2]
        self._look = network.look(pixels)

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32 at half the networks' resolution; see `PhotoFinder.wall`."""
        if not clicks:
            return _probability(self._look.wall[0, 0])
        keeps, drops = (
            [click.scaled(self._size, self._look.cells) for click in clicks if click.keep == keep]
            for keep in (True, False)
        )
        wall = _probability(self._network.click(self._look, keeps, drops, previous))
        alike = similarity(self._look.plane, keeps) if plane else None
        if alike is None:
            return wall
        same_plane = cv2.resize(_probability(_SHARPNESS * (alike - 0.5)), wall.shape[::-1])
        return np.asarray(wall * same_plane)


def _probability(log_odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), np.float32)
