"""Loss of the interreflection network: colour error of predicted pictures, and likelihood of its error estimate."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from wallpaint.albedo.interreflection.formula import decode_outputs, indirect_light_ratio, reflectance_ratio
from wallpaint.color import linear_to_lab
from wallpaint.networks.interreflection_inputs import DISTANCE, SHARE
from wallpaint.train.networks.interreflection.views import TrainingViews

_DARKEST = 1e-4  # linear light; keeps the cube root's slope finite
_SMOOTHING = 0.01  # squared ΔE; keeps the square root's slope finite at 0
_OUTLIER_ERROR = 1.5  # relative error that the network is trained to expect on pictures that are not rooms
_INSIDE_WEIGHT = 3.0  # the error on the wall is smaller, and more visible
_LIKELIHOOD_WEIGHT = 0.5
_NEAR = 0.03  # of a quarter of the picture's side; so near to the wall, edge pixels are unmixed with the prediction
_NEAR_WEIGHT = 2.5


@dataclass(frozen=True)
class Prediction:
    """The network's decoded outputs for B rooms.

    Attributes
    ----------
    f, q : (B, 3, H, W) float
        In (0, 1), see `wallpaint.albedo.interreflection.formula`.
    error : (B, H, W) float
        Expected error as a share of the change of light, > 0.
    """

    f: torch.Tensor
    q: torch.Tensor
    error: torch.Tensor


def render(prediction: Prediction, views: TrainingViews) -> torch.Tensor:
    """Rooms in their new paints, as predicted: (B, P, 3, H, W) linear light.

    f is set to 1 on the wall, and g follows from the change of the wall's median. Then the wall's mean log light is set
    to the truth's, as the colour lock does with the median.
    """
    inside = views.inside[:, None]
    f = torch.where(inside > 0, torch.ones_like(prediction.f[:, None]), prediction.f[:, None])
    q = prediction.q[:, None]
    wall = views.inputs[:, None, SHARE : SHARE + 1]
    mean_q = (q * wall).sum((-2, -1), keepdim=True) / wall.sum((-2, -1), keepdim=True).clamp(min=1)
    g = reflectance_ratio(views.wall_ratio[..., None, None], mean_q)
    new = views.old[:, None] * ((1 - f) + f * indirect_light_ratio(q, g))
    log_error = torch.log(new.clamp(min=_DARKEST)) - torch.log(views.new.clamp(min=_DARKEST))
    level = (log_error * inside).sum((-2, -1), keepdim=True) / inside.sum((-2, -1), keepdim=True).clamp(min=1)
    return torch.where(inside > 0, new * torch.exp(-level), new)


def color_error(light: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """CIE94 (graphic arts) between linear pictures (…, 3, H, W) → (…, H, W); close to CIEDE2000, and smooth."""
    lab, true = (linear_to_lab(each.clamp(_DARKEST, 1).movedim(-3, -1)) for each in (light, truth))
    difference = (lab - true).square()
    chroma = (lab[..., 1:].square().sum(-1) + 1e-4).sqrt()
    true_chroma = (true[..., 1:].square().sum(-1) + 1e-4).sqrt()
    chroma_squared = (chroma - true_chroma).square()
    hue_squared = (difference[..., 1] + difference[..., 2] - chroma_squared).clamp(min=0)
    squared = (
        difference[..., 0]
        + chroma_squared / (1 + 0.045 * true_chroma).square()
        + hue_squared / (1 + 0.015 * true_chroma).square()
    )
    return (squared + _SMOOTHING).sqrt()


def interreflection_loss(outputs: torch.Tensor, views: TrainingViews) -> torch.Tensor:
    """Mean colour error inside and outside the wall, plus a Laplace likelihood of the expected error.

    The relative error e is the colour error divided by that of unchanged light plus 1. With the expected error β its
    density is exp(−e/β)/β (Kendall & Gal, "What Uncertainties Do We Need …", NeurIPS 2017). For pictures that are not
    rooms e is set to 1.5 (outlier exposure: Hendrycks, Mazeika & Dietterich, ICLR 2019).

    Parameters
    ----------
    outputs : (B, 7, H, W) float
        Raw outputs of the network.
    views : TrainingViews

    Returns
    -------
    () float
    """
    prediction = Prediction(*decode_outputs(outputs.float(), views.wall_median))
    counted = (views.inside + views.outside).clamp(max=1)[:, 0] * views.is_room[:, None, None]
    error = color_error(render(prediction, views), views.new)
    with torch.no_grad():
        unchanged_error = color_error(render(_unchanged(prediction), views), views.new)
    relative = error.detach() / (unchanged_error + 1)
    relative = torch.where(views.is_room[:, None, None, None] > 0, relative, _OUTLIER_ERROR).mean(1)
    expected = prediction.error
    likelihood = (relative / expected + torch.log(expected)) * torch.where(
        views.is_room[:, None, None] > 0, counted, 1.0
    )
    inside = error.mean(1)[(views.inside[:, 0] * counted) > 0]
    weight = torch.where(views.inputs[:, DISTANCE] < _NEAR, _NEAR_WEIGHT, 1.0) * views.outside[:, 0] * counted
    outside = (error.mean(1) * weight).sum() / weight.sum().clamp(min=1)
    return _INSIDE_WEIGHT * _mean(inside) + outside + _LIKELIHOOD_WEIGHT * likelihood.mean()


@torch.no_grad()
def held_out_errors(outputs: torch.Tensor, views: TrainingViews) -> dict[str, float]:
    """Mean colour error ``inside`` and ``outside`` the wall, of the ``network`` and of unchanged light (``idle``)."""
    prediction = Prediction(*decode_outputs(outputs.float(), views.wall_median))
    errors: dict[str, float] = {}
    for name, each in (("network", prediction), ("idle", _unchanged(prediction))):
        error = color_error(render(each, views), views.new).mean(1)
        errors[f"{name} inside"] = float(_mean(error[views.inside[:, 0] > 0]))
        errors[f"{name} outside"] = float(_mean(error[views.outside[:, 0] > 0]))
    return errors


def _unchanged(prediction: Prediction) -> Prediction:
    """The prediction that paint changes no light: f = q = 0."""
    return Prediction(torch.zeros_like(prediction.f), torch.zeros_like(prediction.q), prediction.error)


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.mean() if values.numel() else values.sum()
