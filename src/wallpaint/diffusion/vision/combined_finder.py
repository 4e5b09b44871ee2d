"""A finder made of two: one that finds walls without clicks, and one that finds the surface at clicks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask.select import Click, Finder, PhotoFinder

_MOST = 1.0  # log odds: the largest effect of the prior, where the probability at clicks is 0.5
_CERTAIN = 1e-6


class CombinedFinder:
    """Finds walls by `prior` without clicks, and by `points` with them.

    Where `points` is unsure, `prior` counts too: with p the probability of `points` and q that of `prior`, the log odds
    are ln(p / (1 − p)) + 4 p (1 − p) · c, where c = ln(q / (1 − q)) cut at ±1. So at most probabilities between 0.3
    and 0.7 change sides, and those near 0 or 1 stay as they are: a click on a surface that `prior` takes for something
    else is still selected.

    Parameters
    ----------
    prior : Finder
        With ``automatic = True``.
    points : Finder

    Raises
    ------
    SettingError
        `prior` needs clicks.
    """

    automatic = True

    def __init__(self, prior: Finder, points: Finder) -> None:
        if not prior.automatic:
            raise SettingError(
                f"the prior cannot be {type(prior).__name__}: it needs clicks. Choose an automatic finder."
            )
        self.prior, self.points = prior, points

    def look(self, pixels: np.ndarray) -> CombinedPhoto:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB, upright. Each part sees it when it is needed."""
        return CombinedPhoto(self.prior, self.points, pixels)


class CombinedPhoto:
    """One photo as both finders see it.

    Parameters
    ----------
    prior, points : Finder
    pixels : (H, W, 3) uint8
        sRGB, upright.
    """

    def __init__(self, prior: Finder, points: Finder, pixels: np.ndarray) -> None:
        self._prior, self._points, self._pixels = prior, points, pixels

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32; see `PhotoFinder.wall`. Raises what the two finders raise."""
        if not clicks:
            return self._automatic
        answer = self._clicked.wall(clicks, previous, plane=plane)
        prior = cv2.resize(self._automatic, answer.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return with_prior(answer, prior)

    @cached_property
    def _automatic(self) -> np.ndarray:
        return self._prior.look(self._pixels).wall()

    @cached_property
    def _clicked(self) -> PhotoFinder:
        return self._points.look(self._pixels)


def with_prior(probability: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """A probability with a prior that counts where it is unsure; the formula is that of `CombinedFinder`.

    Parameters
    ----------
    probability, prior : (h, w) float
        In [0, 1].

    Returns
    -------
    (h, w) float32
        In [0, 1]. Rises with either of the two.
    """
    unsure = 4 * probability * (1 - probability)
    odds = _log_odds(probability) + unsure * np.clip(_log_odds(prior), -_MOST, _MOST)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def _log_odds(probability: np.ndarray) -> np.ndarray:
    within = np.clip(probability.astype(np.float64), _CERTAIN, 1 - _CERTAIN)
    return np.asarray(np.log(within / (1 - within)))
