"""The finder that comes with the package: small networks trained on rendered rooms."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from wallpaint.mask.select.click import Click
from wallpaint.networks.wall import WallLook, WallNetwork, shipped_wall_network
from wallpaint.networks.wall_inputs import Cell, reduced_photo, similarity

_PRIOR, _MOST = 0.5, 4.0  # weight, and limit, of the log odds of all walls at the first click, if it is on one of them
_SHARPNESS = 8.0  # log odds of one flat surface for a cosine that is higher by 1, as in training
_ONE_PLANE = 0.65  # cosine from which two places are taken for one flat surface; best of six values on 50 rooms


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
    """One photo as the networks see it: as it is and mirrored; the two answers are averaged.

    Parameters
    ----------
    network : WallNetwork
    pixels : (H, W, 3) uint8
        sRGB, upright.
    """

    def __init__(self, network: WallNetwork, pixels: np.ndarray) -> None:
        self._network, self._size = network, pixels.shape[:2]
        reduced = reduced_photo(pixels)
        self._looks = [network.look(view) for view in (reduced, reduced[:, ::-1])]
        self._walls = _averaged([look.wall[0, 0] for look in self._looks])

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32 at half the networks' resolution; see `PhotoFinder.wall`."""
        if not clicks:
            return _probability(self._walls)
        log_odds = _averaged(
            [self._clicked(look, clicks, previous, bool(mirrored)) for mirrored, look in enumerate(self._looks)]
        )
        if len(clicks) == 1 and clicks[0].keep and self._walls[clicks[0].scaled(self._size, self._walls.shape)] > 0:
            log_odds += _PRIOR * np.clip(self._walls, -_MOST, _MOST)
        wall = _probability(log_odds)
        return wall * self._same_plane(clicks, wall.shape) if plane else wall

    def _clicked(
        self, look: WallLook, clicks: Sequence[Click], previous: np.ndarray | None, mirrored: bool
    ) -> np.ndarray:
        """Log odds after clicks, of one of the two views."""
        keeps, drops = (_cells(clicks, keep, self._size, look.cells, mirrored) for keep in (True, False))
        if previous is not None and mirrored:
            previous = np.ascontiguousarray(previous[:, ::-1])
        return self._network.click(look, keeps, drops, previous)

    def _same_plane(self, clicks: Sequence[Click], shape: tuple[int, ...]) -> np.ndarray:
        """(h, w) float32: probability that a pixel is on a flat surface of a keeping click; 1 without such clicks."""
        alike = [
            similarity(look.plane, _cells(clicks, True, self._size, look.cells, bool(mirrored)))
            for mirrored, look in enumerate(self._looks)
        ]
        known = [each for each in alike if each is not None]
        if not known:
            return np.ones(shape, np.float32)
        return np.asarray(cv2.resize(_probability(_SHARPNESS * (_averaged(known) - _ONE_PLANE)), shape[::-1]))


def _cells(
    clicks: Sequence[Click], keep: bool, size: tuple[int, ...], cells: tuple[int, int], mirrored: bool
) -> list[Cell]:
    """Cells of the clicks of one kind, in the photo or in the mirrored one."""
    places = [click.scaled(size, cells) for click in clicks if click.keep == keep]
    return [(row, cells[1] - 1 - column) for row, column in places] if mirrored else places


def _averaged(views: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of the photo's and the mirrored photo's map."""
    return np.asarray((views[0] + views[1][:, ::-1]) / 2)


def _probability(log_odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), np.float32)
