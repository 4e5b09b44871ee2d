"""How wrong a foretold picture is, and how well the network knows that of itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from wallpaint.albedo.interreflection.formula import decode_outputs, indirect_light_ratio, reflectance_ratio
from wallpaint.color import linear_to_lab
from wallpaint.networks.interreflection_inputs import DISTANCE, SHARE
from wallpaint.train.networks.interreflection.views import TrainingViews

_DARKEST = 1e-4  # linear light; keeps the slope of the cube root finite
_SOFTENED = 0.01  # squared ΔE below which an error no longer counts in full
_OUTLIER_ERROR = 1.5  # relative error a network is to expect where there is no room to see
_INSIDE_WEIGHT = 3.0  # the smaller part of the error, and the one that is looked at
_OWNING_UP = 0.5  # weight of the likelihood
_NEAR = 0.03  # of a quarter of the picture; cells so near the wall count more, since edges are unmixed by them
_NEAR_WEIGHT = 2.5


@dataclass(frozen=True)
class Prediction:
    """What the network says of B rooms.

    f, q : (B, 3, H, W) in (0, 1); error : (B, H, W) relative error it expects, > 0.
    """

    f: torch.Tensor
    q: torch.Tensor
    error: torch.Tensor


def predict(answer: Prediction, views: TrainingViews) -> torch.Tensor:
    """(B, P, 3, H, W) linear light of the rooms in their new paints; the wall brought to its median, as the lock does.

    f = 1 on the wall; g from what the wall's median is to become.
    """
    inside = views.inside[:, None]
    f = torch.where(inside > 0, torch.ones_like(answer.f[:, None]), answer.f[:, None])
    q = answer.q[:, None]
    wall = views.seen[:, None, SHARE : SHARE + 1]
    middle_q = (q * wall).sum((-2, -1), keepdim=True) / wall.sum((-2, -1), keepdim=True).clamp(min=1)
    g = reflectance_ratio(views.change[..., None, None], middle_q)
    new = views.old[:, None] * ((1 - f) + f * indirect_light_ratio(q, g))
    apart = torch.log(new.clamp(min=_DARKEST)) - torch.log(views.new.clamp(min=_DARKEST))
    level = (apart * inside).sum((-2, -1), keepdim=True) / inside.sum((-2, -1), keepdim=True).clamp(min=1)
    return torch.where(inside > 0, new * torch.exp(-level), new)


def color_error(light: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """CIE94 (graphic arts) between linear pictures (…, 3, H, W) → (…, H, W): near enough to CIEDE2000, and smooth."""
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
    return (squared + _SOFTENED).sqrt()


def interreflection_loss(outputs: torch.Tensor, views: TrainingViews) -> torch.Tensor:
    """The mean colour error inside and outside, and the Laplace likelihood of that error relative to doing nothing.

    Its own error, e / (what leaving the light alone would cost + 1), has density exp(−e/β)/β; β is what the network
    says it expects (Kendall & Gal, "What Uncertainties Do We Need …", NeurIPS 2017). Where it is shown no room, the
    error is set to 1.5 (outlier exposure: Hendrycks, Mazeika & Dietterich, ICLR 2019).
    """
    answer = Prediction(*decode_outputs(outputs.float(), views.middle))
    counted = (views.inside + views.outside).clamp(max=1)[:, 0] * views.is_room[:, None, None]
    error = color_error(predict(answer, views), views.new)
    with torch.no_grad():
        idle = Prediction(torch.zeros_like(answer.f), torch.zeros_like(answer.q), answer.error)
        of_idle = color_error(predict(idle, views), views.new)
    relative = error.detach() / (of_idle + 1)
    relative = torch.where(views.is_room[:, None, None, None] > 0, relative, _OUTLIER_ERROR).mean(1)
    mean_confidence = answer.error
    likelihood = (relative / mean_confidence + torch.log(mean_confidence)) * torch.where(
        views.is_room[:, None, None] > 0, counted, 1.0
    )
    inside = error.mean(1)[(views.inside[:, 0] * counted) > 0]
    weight = torch.where(views.seen[:, DISTANCE] < _NEAR, _NEAR_WEIGHT, 1.0) * views.outside[:, 0] * counted
    outside = (error.mean(1) * weight).sum() / weight.sum().clamp(min=1)
    return _INSIDE_WEIGHT * _mean(inside) + outside + _OWNING_UP * likelihood.mean()


@torch.no_grad()
def held_out_errors(outputs: torch.Tensor, views: TrainingViews) -> dict[str, float]:
    """Mean colour error inside and outside, of the network and of one that leaves the light alone."""
    answer = Prediction(*decode_outputs(outputs.float(), views.middle))
    idle = Prediction(torch.zeros_like(answer.f), torch.zeros_like(answer.q), answer.error)
    found: dict[str, float] = {}
    for name, each in (("network", answer), ("idle", idle)):
        error = color_error(predict(each, views), views.new).mean(1)
        found[f"{name} inside"] = float(_mean(error[views.inside[:, 0] > 0]))
        found[f"{name} outside"] = float(_mean(error[views.outside[:, 0] > 0]))
    return found


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.mean() if values.numel() else values.sum()
