"""Loss of the edge network: share of wall, its gradient, and the expected error."""

from __future__ import annotations

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from wallpaint.networks.edge_inputs import CONTEXT
from wallpaint.train.networks.edge.network import EdgeNetwork
from wallpaint.train.networks.edge.views import EdgeViews

_GRADIENT, _CROSS_ENTROPY, _EXPECTED = 0.5, 0.1, 0.5  # weights of the parts beside the absolute error
_INNER = (..., slice(CONTEXT // 2, -CONTEXT // 2), slice(CONTEXT // 2, -CONTEXT // 2))


def edge_loss(network: EdgeNetwork, views: EdgeViews) -> torch.Tensor:
    """() float: the loss of one batch.

    Absolute error, which allows sharp edges where a squared one blurs them; the same of the gradient; cross entropy,
    which has a gradient where the sigmoid is saturated. The expected error is trained by its squared difference from
    the present one.
    """
    with torch.autocast("cpu", torch.bfloat16):
        logits = network.logits(views.patches.contiguous(memory_format=torch.channels_last))
    logits = logits.float()[_INNER]
    alpha, band = views.alpha[_INNER], views.band[_INNER]
    total = band.sum()
    found = logits[:, :1].sigmoid()
    error = (found - alpha).abs()
    difference = found - alpha
    across = ((difference[..., 1:] - difference[..., :-1]).abs() * band[..., 1:]).sum() / total
    down = ((difference[..., 1:, :] - difference[..., :-1, :]).abs() * band[..., 1:, :]).sum() / total
    entropy = (binary_cross_entropy_with_logits(logits[:, :1], alpha, reduction="none") * band).sum() / total
    expected = ((logits[:, 1:].sigmoid() - error.detach()) ** 2 * band).sum() / total
    return (error * band).sum() / total + _GRADIENT * (across + down) + _CROSS_ENTROPY * entropy + _EXPECTED * expected


@torch.no_grad()
def held_out_scores(network: EdgeNetwork, views: EdgeViews) -> dict[str, float]:
    """Mean absolute error of alpha near edges: the network's, the one it expects, and that of the mask it was given."""
    alpha, expected = network(views.patches)[_INNER].chunk(2, 1)
    truth, band, mask = views.alpha[_INNER], views.band[_INNER], views.patches[:, 11:12][_INNER] + 0.5
    means = [
        ((each * band).sum() / band.sum()).item() for each in ((alpha - truth).abs(), expected, (mask - truth).abs())
    ]
    return dict(zip(("alpha", "expected", "mask"), means, strict=True))
