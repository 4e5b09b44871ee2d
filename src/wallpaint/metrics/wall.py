"""All metrics of a painted wall in one dictionary."""

from __future__ import annotations

import numpy as np

from wallpaint.color import Color, delta_e_2000, srgb_to_lab
from wallpaint.mask import Edges, edge_limits, edge_reach, is_wall, may_change
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
        Pixels of nothing but wall; edge pixels show other light too.
    touched : (H, W) bool
        The wall and its edge band (`may_change`); all other pixels are outside.
    """
    return {
        "shading_correlation": shading_correlation(source, picture, pure),
        "outside_max_change": outside_max_change(source, picture, touched),
    }


def measure_painting(
    reference: Color | TextureSample,
    picture: np.ndarray,
    mask: np.ndarray,
    source: np.ndarray | None = None,
    edges: Edges = "refined",
    edge_width: int | None = None,
) -> Metrics:
    """`measure_wall` of any painted picture, and with its photo also `compare_with_source`.

    Parameters
    ----------
    reference : Color or TextureSample
    picture : (H, W, 3) uint8
        sRGB.
    mask : (H, W) float32
        [0, 1].
    source : (H, W, 3) uint8, optional
        The photo before painting.
    edges, edge_width
        Settings that the picture was painted with. A pixel counts as outside where the mask is at most 0.5, beyond the
        edge band; see `may_change`.

    Raises
    ------
    SettingError
        `edges` or `edge_width` is invalid.
    """
    reach = edge_reach(mask, edges, edge_width)
    metrics = measure_wall(reference, picture, is_wall(mask))
    if source is not None:
        pure = edge_limits(mask >= 1, reach)[0]
        metrics |= compare_with_source(source, picture, pure, may_change(mask, edges, edge_width))
    return metrics
