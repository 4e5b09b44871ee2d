"""How walls light each other, as the network sees it: what it adds to the albedo engine's own guess."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import paint_change, through_wall
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.albedo.log_light import CODES_PER_NEPER
from wallpaint.albedo.tone_response import Interreflection
from wallpaint.mask import WallRegion, mean_around

BIAS = 2 * CODES_PER_NEPER  #: of shifts, so that they are no less than 0 and may be added by the saturating sum
_STEP, _LEAST_SLOPE = 0.01, 0.3  # nepers over which the slope of the response is taken; what it is at least
_MOST = 0.12  # nepers by which the network may differ: about the most that real corners ask for
_LEAST_WALL = 0.05  # share of a cell; in those with less, shading is taken from around
_REACH = 3.0  # cells; without it, things that hang on a wall would get halos; best on rooms 9180 to 9199 too
_ALL_WALL = 0.95  # share of a cell
_FAINT = 1e-3  # weight of other wall, which counts where there is no better within reach


@dataclass(frozen=True)
class Feedback:
    """Over `region.window`, on a coarse grid.

    Attributes
    ----------
    q : (3, rows, columns) float32
        See `answer`.
    middle : (3,) float32
        Its mean over the wall.
    confidence : (rows, columns) float32
        In [0, 1].
    log_shading : (3, rows, columns) float32
        ln of light relative to the wall's median, for the guess that is to be corrected.
    cells : (n,) int or None
        Where it is wanted, if not in every pixel of the window: the cells of n pixels, as places in the flattened grid.
    """

    q: np.ndarray
    middle: np.ndarray
    confidence: np.ndarray
    log_shading: np.ndarray
    cells: np.ndarray | None = None

    @classmethod
    def over_window(
        cls,
        answer: InterreflectionPrediction,
        region: WallRegion,
        codes: tuple[np.ndarray, ...],
        pure: np.ndarray,
        middle: list[int],
    ) -> Feedback:
        """From the answer and the wall's light.

        codes : 3 × (h, w) uint16 over the window; pure : (h, w) uint8, 1 = nothing but wall; middle : median codes.
        """
        rows, columns = _grid(answer, region)
        y, x = np.meshgrid(rows, columns, indexing="ij")

        def over(values: np.ndarray) -> np.ndarray:
            at = (x.astype(np.float32), y.astype(np.float32))
            return cv2.remap(values, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

        size = (len(columns), len(rows))
        weight = cv2.resize(pure * np.uint8(255), size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        shading = []
        for plane, code in zip(codes, middle, strict=True):
            wall = cv2.resize(cv2.bitwise_and(plane, plane, mask=pure), size, interpolation=cv2.INTER_AREA)
            mean = np.where(weight > _LEAST_WALL, wall / np.maximum(weight, _LEAST_WALL), code)
            shading.append(((mean - code) / CODES_PER_NEPER).astype(np.float32))
        q = np.stack([over(plane) for plane in _smooth_feedback(answer)])
        return cls(q, answer.wall_feedback, over(answer.confidence), np.stack(shading))

    def at(self, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Feedback:
        """The same at some pixels of a window of `shape`, laid out as one row: each as the cell it lies in."""
        height, width = self.confidence.shape
        return replace(self, cells=rows * height // shape[0] * width + columns * width // shape[1])

    def shift(
        self,
        channel: int,
        change: float,
        interreflection: Interreflection,
        old: float,
        new: float,
        shape: tuple[int, int],
    ) -> np.ndarray:
        """What to add to the codes of light on the wall, so that the engine's own response comes to the network's.

        Added before that response and not after it, a pixel costs one look-up and no second one: the difference is
        divided by the slope of the response.

        Parameters
        ----------
        channel : int
        change : float
            New over old light of the wall's middle.
        interreflection, old, new
            As `respond` has them.
        shape : (int, int)
            Of the window.

        Returns
        -------
        (h, w) uint16
            `BIAS` more than what is to be added: `BIAS` everywhere for the old paint, and where the network is not
            believed.
        """
        q, middle = self.q[channel], self.middle[channel]
        g = paint_change(change, middle)

        def guessed(log_shading: np.ndarray) -> np.ndarray:
            return interreflection.log_change(log_shading, old, new)

        shading = self.log_shading[channel]
        foretold = np.log(through_wall(q, g)) - np.log(through_wall(middle, g))
        slope = 1 + (guessed(shading + _STEP) - guessed(shading - _STEP)) / (2 * _STEP)
        wanted = (foretold - guessed(shading)) / np.maximum(slope, _LEAST_SLOPE)
        codes = CODES_PER_NEPER * self.confidence * _MOST * np.tanh(wanted / _MOST)
        shift = (BIAS + np.clip(np.rint(codes), -BIAS, BIAS)).astype(np.uint16)
        if self.cells is not None:
            return shift.ravel()[self.cells][None]
        return shift if shift.shape == shape else cv2.resize(shift, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _smooth_feedback(answer: InterreflectionPrediction) -> np.ndarray:
    """(3, h, w) float32: q of cells that are wall, and have only wall around them, in the mean.

    What the network says of a thing runs into the wall beside it.
    """
    inner = cv2.erode((answer.wall > _ALL_WALL).astype(np.float32), np.ones((3, 3), np.uint8))
    weight = np.maximum(inner, _FAINT * answer.wall + _FAINT**2)
    mean, _ = mean_around(np.ascontiguousarray(np.moveaxis(answer.q, 0, -1)), weight, _REACH)
    return np.moveaxis(mean, -1, 0)


def _grid(answer: InterreflectionPrediction, region: WallRegion) -> tuple[np.ndarray, np.ndarray]:
    """Where the middles of cells over the window lie on the answer's grid: rows, then columns."""
    places = []
    for span, cells, pixels in zip(region.window, answer.wall.shape, region.alpha.shape, strict=True):
        length = span.stop - span.start
        count = min(length, max(1, round(length * cells / pixels)))
        middles = span.start + (np.arange(count) + 0.5) * length / count
        places.append(middles * cells / pixels - 0.5)
    return places[0], places[1]
