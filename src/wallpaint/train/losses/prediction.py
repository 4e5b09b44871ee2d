"""Prediction types of diffusion models (ε and v): training targets, clean latents and loss weights.

ᾱ (`alphas_cumprod` at a sample's timestep) is the share of the signal's power that is left: noisy = √ᾱ clean +
√(1 − ᾱ) noise (Ho et al., "Denoising Diffusion Probabilistic Models", 2020). A base predicts ε, the noise, or v =
√ᾱ noise − √(1 − ᾱ) clean (Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022).
"""

from __future__ import annotations

from typing import Literal

from wallpaint.errors import SettingError
from wallpaint.optional import needs_extra

with needs_extra("train", "Training"):
    import torch

PredictionType = Literal["epsilon", "v_prediction"]  #: as in diffusers' schedulers


def prediction_target(
    clean: torch.Tensor, noise: torch.Tensor, alphas_cumprod: torch.Tensor, prediction_type: PredictionType
) -> torch.Tensor:
    """Training target of the prediction type.

    Parameters
    ----------
    clean, noise : (B, C, h, w) float
    alphas_cumprod : (B,) in (0, 1)
    prediction_type : {"epsilon", "v_prediction"}

    Returns
    -------
    (B, C, h, w)

    Raises
    ------
    SettingError
        `prediction_type` has another value.
    """
    if _is_epsilon(prediction_type):
        return noise
    signal, spread = _roots(alphas_cumprod)
    return signal * noise - spread * clean


def predicted_clean(
    predicted: torch.Tensor, noisy: torch.Tensor, alphas_cumprod: torch.Tensor, prediction_type: PredictionType
) -> torch.Tensor:
    """Clean latents x̂₀ computed from a prediction.

    Parameters
    ----------
    predicted, noisy : (B, C, h, w) float
        With ε, an error of the prediction is multiplied by √((1 − ᾱ)/ᾱ), up to 15 in Stable Diffusion 1.5.
    alphas_cumprod : (B,) in (0, 1)
    prediction_type : {"epsilon", "v_prediction"}

    Returns
    -------
    (B, C, h, w)

    Raises
    ------
    SettingError
        `prediction_type` has another value.
    """
    signal, spread = _roots(alphas_cumprod)
    if _is_epsilon(prediction_type):
        return (noisy - spread * predicted) / signal
    return signal * noisy - spread * predicted


def noise_error(
    predicted: torch.Tensor, target: torch.Tensor, alphas_cumprod: torch.Tensor, prediction_type: PredictionType
) -> torch.Tensor:
    """Predicted noise minus true noise, (B, C, h, w), from a prediction and its `prediction_target`.

    Raises
    ------
    SettingError
        `prediction_type` has another value.
    """
    error = predicted - target
    return error if _is_epsilon(prediction_type) else _roots(alphas_cumprod)[0] * error


def min_snr_weights(alphas_cumprod: torch.Tensor, gamma: float, prediction_type: PredictionType) -> torch.Tensor:
    """Min-SNR weights of the samples' squared errors, so that no timestep dominates the loss.

    Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy", 2023: min(SNR, γ) / SNR for ε,
    min(SNR, γ) / (SNR + 1) for v, with SNR = ᾱ / (1 − ᾱ).

    Parameters
    ----------
    alphas_cumprod : (B,) in [0, 1]
    gamma : float
        > 0; 5 in the paper.
    prediction_type : {"epsilon", "v_prediction"}

    Returns
    -------
    (B,) in [0, 1]

    Raises
    ------
    SettingError
        `prediction_type` has another value.

    >>> [round(weight, 3) for weight in min_snr_weights(torch.tensor([0.1, 0.5, 0.95]), 5.0, "epsilon").tolist()]
    [1.0, 1.0, 0.263]
    """
    if _is_epsilon(prediction_type):
        return (gamma * (1 - alphas_cumprod) / alphas_cumprod).clamp(max=1)
    return torch.minimum(alphas_cumprod, gamma * (1 - alphas_cumprod))


def _is_epsilon(prediction_type: str) -> bool:
    if prediction_type not in ("epsilon", "v_prediction"):
        raise SettingError(
            f"a base of prediction type {prediction_type!r} cannot be trained: choose one with epsilon or v_prediction."
        )
    return prediction_type == "epsilon"


def _roots(alphas_cumprod: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """√ᾱ and √(1 − ᾱ), (B, 1, 1, 1)."""
    of_samples = alphas_cumprod[:, None, None, None]
    return of_samples.sqrt(), (1 - of_samples).sqrt()
