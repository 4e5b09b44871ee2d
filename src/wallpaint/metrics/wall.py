"""All there is to say about a painted wall, in one dictionary."""

from __future__ import annotations

import numpy as np

from wallpaint.color import Color, delta_e_2000, srgb_to_lab
from wallpaint.metrics.fidelity import Metrics, compute_color_fidelity_metrics
from wallpaint.metrics.structure import outside_max_change, shading_correlation
from wallpaint.reference import TextureSample, wall_median


def measure_wall(reference: Color | TextureSample, picture: np.ndarray, wall: np.ndarray) -> Metrics:
    """`compute_color_fidelity_metrics`, and ``delta_e_2000_median``: CIEDE2000 of the wall's median to the reference's.

    picture : (H, W, 3) uint8 sRGB; wall : (H, W) bool.
    """
    swatch = reference.pixels if isinstance(reference, TextureSample) else reference
    metrics = compute_color_fidelity_metrics(swatch, picture, wall)
    if metrics["valid"]:
        color = reference.color if isinstance(reference, TextureSample) else reference
        median = srgb_to_lab(wall_median(picture, wall) / 255)
        metrics["delta_e_2000_median"] = float(delta_e_2000(median, color.lab))
    return metrics


def compare_with_source(source: np.ndarray, picture: np.ndarray, pure: np.ndarray, touched: np.ndarray) -> Metrics:
    """``shading_correlation`` and ``outside_max_change`` of a painted photo.

    Parameters
    ----------
    source, picture : (H, W, 3) uint8
        sRGB, before and after.
    pure : (H, W) bool
        Nothing but wall: an edge pixel's light is not the wall's alone.
    touched : (H, W) bool
        What painting may have changed.
    """
    return {
        "shading_correlation": shading_correlation(source, picture, pure),
        "outside_max_change": outside_max_change(source, picture, touched),
    }
