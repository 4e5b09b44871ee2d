"""Training losses, as pure functions of tensors.

Read `prediction` (prediction types and x̂₀), `noise` (error of the predicted noise), `sample_losses` (samples without a
wall), then colour: `distances`, `color`, and `probe`, which replaces the VAE's decoder. Needs torch.
"""

from wallpaint.train.losses.color import ColorConsistencyLoss, Decoder, VaeDecoder
from wallpaint.train.losses.distances import (
    COLOR_DISTANCES,
    ColorDistance,
    FrequencyDistance,
    HistogramDistance,
    LabDistance,
    TargetWall,
)
from wallpaint.train.losses.noise import masked_mse, mean_error
from wallpaint.train.losses.prediction import (
    PredictionType,
    min_snr_weights,
    noise_error,
    predicted_clean,
    prediction_target,
)
from wallpaint.train.losses.probe import LatentProbe, ProbeFidelity
from wallpaint.train.losses.sample_losses import SampleLosses, has_wall, masked_mean

__all__ = [
    "COLOR_DISTANCES",
    "ColorConsistencyLoss",
    "ColorDistance",
    "Decoder",
    "FrequencyDistance",
    "HistogramDistance",
    "LabDistance",
    "LatentProbe",
    "PredictionType",
    "ProbeFidelity",
    "SampleLosses",
    "TargetWall",
    "VaeDecoder",
    "has_wall",
    "masked_mean",
    "masked_mse",
    "mean_error",
    "min_snr_weights",
    "noise_error",
    "predicted_clean",
    "prediction_target",
]
