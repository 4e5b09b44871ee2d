"""Colour fidelity: differences between a painted wall and its reference, on masked pixels only."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from wallpaint.color import Color, delta_e_76, delta_e_2000, hue_difference, srgb_to_lab
from wallpaint.errors import WallpaintWarning
from wallpaint.photo import picture_bytes, wall_of

if TYPE_CHECKING:
    from torch import Tensor

METRICS = (
    "lab_distance",
    "delta_e",
    "delta_e_2000",
    "hue_error",
    "chroma_diff",
    "lightness_diff",
    "delta_e_2000_p50",
    "delta_e_2000_p95",
)
_FEWEST_PIXELS = 10

Metrics = dict[str, float | int | bool]

_SUMMARIES: dict[str, Callable[[np.ndarray], float]] = {
    "mean": np.mean,
    "std": np.std,
    "p95": lambda values: float(np.percentile(values, 95)),
    "min": np.min,
    "max": np.max,
}


def compute_color_fidelity_metrics(
    reference: Color | Image.Image | np.ndarray | Tensor,
    output: Image.Image | np.ndarray | Tensor,
    mask: Image.Image | np.ndarray | Tensor,
) -> Metrics:
    """Compare the masked pixels of a picture with a reference.

    Parameters
    ----------
    reference : Color, PIL image, array or tensor
        The wanted colour; all pixels of a swatch count.
    output : PIL image, array or tensor
        sRGB: (H, W, 3) uint8, or floats in [0, 1]; see `picture_bytes` for other accepted forms.
    mask : PIL image, array or tensor
        (H, W): bytes above 127, floats above 0.5 or True count; see `wall_of`.

    Returns
    -------
    dict
        ``lab_distance``: CIE76 between mean CIELAB colours. ``delta_e``: the same, under the name CIE 1976 gives it.
        ``delta_e_2000``: CIEDE2000 between means. ``hue_error``: degrees in [0, 180], ``nan`` where either mean has
        C* < 3. ``chroma_diff``: √(Δa² + Δb²) of the means. ``lightness_diff``: |ΔL*|. ``delta_e_2000_p50``,
        ``_p95``: median and 95th percentile of the pixels' CIEDE2000 to the reference's mean. ``num_pixels``:
        number of pixels compared. ``valid``: False, with zeros and a warning, for fewer than 10 pixels.

    Raises
    ------
    UnreadableImageError, MaskSizeError
        A picture has another shape or range, or the mask another size.
    """
    pixels = picture_bytes(output, "output")
    wall = wall_of(mask, (pixels.shape[0], pixels.shape[1]))
    count = int(wall.sum())
    if count < _FEWEST_PIXELS:
        warnings.warn(f"only {count} pixels are masked: nothing was measured.", WallpaintWarning, stacklevel=2)
        return {**dict.fromkeys(METRICS, 0.0), "num_pixels": count, "valid": False}

    reference_lab = _mean_lab(reference)
    labs, counts = _distinct_labs(pixels[wall])
    mean = counts @ labs / count
    to_reference = delta_e_2000(labs, reference_lab)
    distance = float(delta_e_76(mean, reference_lab))
    return {
        "lab_distance": distance,
        "delta_e": distance,
        "delta_e_2000": float(delta_e_2000(mean, reference_lab)),
        "hue_error": float(hue_difference(mean, reference_lab)),
        "chroma_diff": float(math.hypot(*(mean - reference_lab)[1:])),
        "lightness_diff": float(abs(mean[0] - reference_lab[0])),
        "delta_e_2000_p50": _percentile(to_reference, counts, 50),
        "delta_e_2000_p95": _percentile(to_reference, counts, 95),
        "num_pixels": count,
        "valid": True,
    }


def aggregate_metrics(
    samples: Iterable[Mapping[str, float | int | bool]], metrics: Sequence[str] = METRICS, prefix: str = "val"
) -> dict[str, float | int]:
    """``val/<metric>_{mean,std,p95,min,max}`` over the valid samples, and ``val/valid_samples``.

    A value that is ``nan`` (a grey has no hue) or missing is left out of its own metric; ``val/<metric>_count`` is the
    number of values used. A metric without any value is ``nan``.
    """
    valid = [sample for sample in samples if sample["valid"]]
    aggregates: dict[str, float | int] = {f"{prefix}/valid_samples": len(valid)}
    for metric in metrics:
        values = np.array([sample.get(metric, math.nan) for sample in valid], np.float64)
        values = values[np.isfinite(values)]
        for name, summary in _SUMMARIES.items():
            aggregates[f"{prefix}/{metric}_{name}"] = float(summary(values)) if values.size else math.nan
        aggregates[f"{prefix}/{metric}_count"] = int(values.size)
    return aggregates


def _mean_lab(reference: Color | Image.Image | np.ndarray | Tensor) -> np.ndarray:
    if isinstance(reference, Color):
        return reference.lab
    labs, counts = _distinct_labs(picture_bytes(reference, "reference").reshape(-1, 3))
    return counts @ labs / counts.sum()


def _distinct_labs(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, 3) CIELAB of the distinct colours among (N, 3) bytes, and (K,) their counts.

    A photo has far fewer colours than pixels, so the expensive formulas run on distinct colours only.
    """
    packed = colors.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    distinct, counts = np.unique(packed, return_counts=True)
    rgb = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=-1)
    return srgb_to_lab(rgb / 255.0), counts


def _percentile(values: np.ndarray, counts: np.ndarray, percent: float) -> float:
    """Smallest value that at least `percent` of the pixels do not exceed."""
    order = np.argsort(values)
    below = np.cumsum(counts[order])
    return float(values[order][np.searchsorted(below, percent / 100 * below[-1])])
