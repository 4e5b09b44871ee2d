"""Scores of a repainted picture: its colour difference from the truth, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.color import delta_e_76, delta_e_2000, srgb_to_lab
from wallpaint.evaluate.repaintbench.benchmark_cases import Case
from wallpaint.mask import is_wall
from wallpaint.metrics import shading_correlation


@dataclass(frozen=True)
class Score:
    """The scores of one method on one case.

    Attributes
    ----------
    inside, inside_p95 : float
        CIEDE2000 to the truth over pure wall pixels: mean and 95th percentile.
    edge : float
        Mean CIEDE2000 over pixels that are partly wall; ``nan`` if there are none.
    outside : float
        Mean CIEDE2000 over pixels without wall, where the truth changes by light from the new paint.
    lab_distance : float
        CIE76 between the wall's mean and the reference. A flat fill is best by this metric.
    shading : float
        Correlation of log luminance with the photo's on pure wall, in [-1, 1]; ``nan`` for a flat result.
    seconds : float
        Time from photo, mask and colour to picture.
    """

    inside: float
    inside_p95: float
    edge: float
    outside: float
    lab_distance: float
    shading: float
    seconds: float


def score(case: Case, output: np.ndarray, seconds: float) -> Score:
    """Score an (H, W, 3) uint8 picture."""
    error = error_map(case, output)
    mean = srgb_to_lab(output[is_wall(case.alpha)] / 255.0).mean(axis=0)
    pure, mixed, rest = case.alpha >= 1, (case.alpha > 0) & (case.alpha < 1), case.alpha <= 0
    return Score(
        inside=float(error[pure].mean()),
        inside_p95=float(np.percentile(error[pure], 95)),
        edge=_mean(error[mixed]),
        outside=_mean(error[rest]),
        lab_distance=float(delta_e_76(mean, case.reference.lab)),
        shading=shading_correlation(case.source, output, pure),
        seconds=seconds,
    )


def error_map(case: Case, output: np.ndarray) -> np.ndarray:
    """(H, W) float64 CIEDE2000 of a picture to the truth."""
    return delta_e_2000(srgb_to_lab(output / 255.0), srgb_to_lab(case.truth / 255.0))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
