"""The colour losses, under the name of the workflow; defined in `wallpaint.train.losses`."""

from wallpaint.train.losses import (
    COLOR_DISTANCES,
    ColorConsistencyLoss,
    FrequencyDistance,
    HistogramDistance,
    LabDistance,
    LatentProbe,
    VaeDecoder,
)

__all__ = [
    "COLOR_DISTANCES",
    "ColorConsistencyLoss",
    "FrequencyDistance",
    "HistogramDistance",
    "LabDistance",
    "LatentProbe",
    "VaeDecoder",
]
