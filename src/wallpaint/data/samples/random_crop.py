"""The square of a picture that becomes a sample: where it is cut, whether it is mirrored, how it is resized."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.mask import is_wall

LEAST_WALL = 0.05  #: share of a view; less teaches nothing about it
_MOST_WALL = 0.95  # without anything else there is nothing to go by
_TRIES = 10


@dataclass(frozen=True)
class RandomCrop:
    """A square window, applied alike to every map of a picture.

    Attributes
    ----------
    top, left, side : int
        Pixels; the window lies within the picture.
    mirrored : bool
        Left and right exchanged.
    """

    top: int
    left: int
    side: int
    mirrored: bool = False

    @classmethod
    def centred(cls, shape: tuple[int, int], mirrored: bool = False) -> RandomCrop:
        """The largest square in the middle of an (H, W) picture."""
        height, width = shape
        side = min(height, width)
        return cls((height - side) // 2, (width - side) // 2, side, mirrored)

    @classmethod
    def with_most_wall(cls, mask: np.ndarray, mirrored: bool = False) -> RandomCrop:
        """The largest square of a picture where it holds most wall; of equals, the one nearest to the middle.

        mask : (H, W) float or bool, wall is > 0.5.
        """
        wall = is_wall(mask)
        side = min(wall.shape)
        upright = wall.shape[0] > wall.shape[1]
        across = wall.sum(axis=1 if upright else 0)
        held = np.convolve(across, np.ones(side, np.int64), "valid")
        middle = (len(across) - side) // 2
        start = min(np.flatnonzero(held == held.max()), key=lambda place: abs(int(place) - middle))
        return cls(int(start), 0, side, mirrored) if upright else cls(0, int(start), side, mirrored)

    @classmethod
    def draw(
        cls, mask: np.ndarray, rng: np.random.Generator, min_crop: float = 1.0, mirror_prob: float = 0.0
    ) -> RandomCrop:
        """A random crop that contains wall and something else.

        Parameters
        ----------
        mask : (H, W) float or bool
            Wall is > 0.5.
        rng : numpy.random.Generator
        min_crop : float
            Smallest side, as a share of the picture's shorter side, (0, 1]; sides are uniform between this and 1.
        mirror_prob : float
            [0, 1].

        Returns
        -------
        RandomCrop
            With 5 % to 95 % wall; if ten tries find none, the largest square with the most wall.
        """
        wall = is_wall(mask)
        height, width = wall.shape
        mirrored = bool(rng.random() < mirror_prob)
        for _ in range(_TRIES):
            side = max(1, round(min(height, width) * rng.uniform(min_crop, 1)))
            top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
            share = wall[top : top + side, left : left + side].mean()
            if LEAST_WALL <= share <= _MOST_WALL:
                return cls(top, left, side, mirrored)
        return cls.with_most_wall(wall, mirrored)

    def apply(self, values: np.ndarray, size: int) -> np.ndarray:
        """(H, W) or (H, W, C) → (size, size) or (size, size, C), C-contiguous, of the same dtype.

        Shrunk by area means, which keep light and coverage and never alias; enlarged linearly. Give light as linear
        light where there is a choice: means of encoded values are too dark. No value leaves the window's own range.
        """
        window = values[self.top : self.top + self.side, self.left : self.left + self.side]
        if self.mirrored:
            window = window[:, ::-1]
        window = np.ascontiguousarray(window)
        if self.side == size:
            return window
        method = cv2.INTER_AREA if self.side > size else cv2.INTER_LINEAR
        resized = cv2.resize(window, (size, size), interpolation=method)
        # OpenCV rounds weights to float32: a mean of ones comes out as 1.0000002, which is no alpha any more
        return np.clip(resized, np.fmin.reduce(window, axis=None), np.fmax.reduce(window, axis=None), out=resized)
