"""Correction of the closed form's interreflection on the wall, from the network's prediction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from wallpaint.albedo.interreflection.formula import indirect_light_ratio, reflectance_ratio
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.albedo.log_light import STEPS_PER_NEPER
from wallpaint.albedo.tone_response import ClosedFormInterreflection
from wallpaint.mask import WallRegion, mean_around

BIAS = 2 * STEPS_PER_NEPER  #: added to corrections, so that they are ≥ 0 and OpenCV's saturating sum can add them
_DELTA, _MIN_SLOPE = 0.01, 0.3  # nepers over which the tone response's slope is measured; the least slope used
_MAX_CORRECTION = 0.12  # nepers; about the largest correction in the corners of rendered rooms
_MIN_WALL = 0.05  # share of wall in a cell below which its shading is taken as the median's
_RADIUS = 3.0  # cells; smaller gives halos around pictures and lamps on the wall; also best on rooms 9180 to 9199
_ALL_WALL = 0.95  # share of wall from which a cell counts as wall alone
_FALLBACK_WEIGHT = 1e-3  # of cells that are wall in part: they count only where no better cell is in reach


@dataclass(frozen=True)
class InterreflectionCorrection:
    """Predicted interreflection of the wall over `region.window`, on a coarse grid.

    Attributes
    ----------
    q : (3, rows, columns) float32
        Share of the wall's light that the wall had reflected before; see `formula`.
    mean_q : (3,) float32
        Mean of q over the wall.
    confidence : (rows, columns) float32
        Confidence of the prediction, [0, 1].
    log_shading : (3, rows, columns) float32
        ln of light relative to the wall's median, the argument of the closed form.
    cells : (n,) int or None
        Cells to evaluate, as indices into the flattened grid, one for each of n pixels; None: the whole window.
    """

    q: np.ndarray
    mean_q: np.ndarray
    confidence: np.ndarray
    log_shading: np.ndarray
    cells: np.ndarray | None = None

    @classmethod
    def from_prediction(
        cls,
        prediction: InterreflectionPrediction,
        region: WallRegion,
        log_light: tuple[np.ndarray, ...],
        pure: np.ndarray,
        median: list[int],
    ) -> InterreflectionCorrection:
        """Resample a prediction to the wall's window.

        Parameters
        ----------
        prediction : InterreflectionPrediction
        region : WallRegion
        log_light : 3 × (h, w) uint16
            The wall's light over the window.
        pure : (h, w) uint8
            1 = nothing but wall.
        median : list of int
            Median log light of each channel.
        """
        rows, columns = _grid(prediction, region)
        y, x = np.meshgrid(rows, columns, indexing="ij")

        def resampled(values: np.ndarray) -> np.ndarray:
            at = (x.astype(np.float32), y.astype(np.float32))
            return cv2.remap(values, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

        size = (len(columns), len(rows))
        weight = cv2.resize(pure * np.uint8(255), size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        shading = []
        for plane, middle in zip(log_light, median, strict=True):
            wall = cv2.resize(cv2.bitwise_and(plane, plane, mask=pure), size, interpolation=cv2.INTER_AREA)
            mean = np.where(weight > _MIN_WALL, wall / np.maximum(weight, _MIN_WALL), middle)
            shading.append(((mean - middle) / STEPS_PER_NEPER).astype(np.float32))
        q = np.stack([resampled(plane) for plane in _smooth_wall_q(prediction)])
        return cls(q, prediction.mean_wall_q, resampled(prediction.confidence), np.stack(shading))

    def at_pixels(self, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> InterreflectionCorrection:
        """The correction at n pixels of a window of `shape`, laid out as one row; each has its cell's value."""
        height, width = self.confidence.shape
        return replace(self, cells=rows * height // shape[0] * width + columns * width // shape[1])

    def shift(
        self,
        channel: int,
        wall_ratio: float,
        closed_form: ClosedFormInterreflection,
        old: float,
        new: float,
        shape: tuple[int, int],
    ) -> np.ndarray:
        """Amount to add to log light before the tone response, to turn the closed form into the prediction.

        Added before the tone response and not after it, so that a pixel needs one table look-up and not two; the
        difference is divided by the response's slope.

        Parameters
        ----------
        channel : int
        wall_ratio : float
            New over old light of the wall's median.
        closed_form, old, new
            The arguments of `tone_response_curve`.
        shape : (int, int)
            Height and width of the window.

        Returns
        -------
        (h, w) uint16
            The amount plus `BIAS`. Exactly `BIAS` for the old paint and where the confidence is 0.
        """
        q, mean_q = self.q[channel], self.mean_q[channel]
        g = reflectance_ratio(wall_ratio, mean_q)

        def log_change(log_shading: np.ndarray) -> np.ndarray:
            return closed_form.log_change(log_shading, old, new)

        shading = self.log_shading[channel]
        predicted = np.log(indirect_light_ratio(q, g)) - np.log(indirect_light_ratio(mean_q, g))
        slope = 1 + (log_change(shading + _DELTA) - log_change(shading - _DELTA)) / (2 * _DELTA)
        wanted = (predicted - log_change(shading)) / np.maximum(slope, _MIN_SLOPE)
        steps = STEPS_PER_NEPER * self.confidence * _MAX_CORRECTION * np.tanh(wanted / _MAX_CORRECTION)
        shift = (BIAS + np.clip(np.rint(steps), -BIAS, BIAS)).astype(np.uint16)
        if self.cells is not None:
            return shift.ravel()[self.cells][None]
        return shift if shift.shape == shape else cv2.resize(shift, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _smooth_wall_q(prediction: InterreflectionPrediction) -> np.ndarray:
    """(3, h, w) float32: q averaged over cells that are wall and have only wall around them.

    The values predicted for an object spread into the wall next to it; those cells are left out.
    """
    inner = cv2.erode((prediction.wall > _ALL_WALL).astype(np.float32), np.ones((3, 3), np.uint8))
    weight = np.maximum(inner, _FALLBACK_WEIGHT * prediction.wall + _FALLBACK_WEIGHT**2)
    mean, _ = mean_around(np.ascontiguousarray(np.moveaxis(prediction.q, 0, -1)), weight, _RADIUS)
    return np.moveaxis(mean, -1, 0)


def _grid(prediction: InterreflectionPrediction, region: WallRegion) -> tuple[np.ndarray, np.ndarray]:
    """Row and column coordinates, on the prediction's grid, of the centres of cells that tile the window."""
    coordinates = []
    for span, cells, pixels in zip(region.window, prediction.wall.shape, region.alpha.shape, strict=True):
        length = span.stop - span.start
        count = min(length, max(1, round(length * cells / pixels)))
        centres = span.start + (np.arange(count) + 0.5) * length / count
        coordinates.append(centres * cells / pixels - 0.5)
    return coordinates[0], coordinates[1]
