"""The closed form that serves every colour from one look at a room; the same for numpy and for torch.

For paint that reflects g times as much as the old, in each channel,

    new / old = (1 − f) + f · g(1 − q)/(1 − qg)

f is the share of a pixel's light that came by way of the painted wall, 1 on the wall itself; of light that has been
there, q is the share that has been there before. The second factor is the sum over all returns, Σ (qg)ⁿ, over the same
sum for the old paint. The answer is 1 for the old paint and grows with g.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

MOST_FED_BACK = 0.9  #: of q, and of q·g; beyond, light would hardly die away
_USUAL_WALL = 0.4  # linear light of a wall; darker ones feed less back
_ERRORS = (-3.0, 1.0)  # ln of the relative errors that can be expected


def read_outputs(outputs: Any, middle: Any) -> tuple[Any, Any, Any]:
    """What the network says.

    f = σ(o₁); q = 0.9 σ(o₂ + ln(wall/0.4)); error = exp(o₃) in [e⁻³, e], the share of the change it expects to miss.

    outputs : (…, 7, h, w) float; middle : (…, 3), the wall's median linear light, > 0.

    Returns f and q, (…, 3, h, w) in (0, 1), and the error, (…, h, w).
    """
    xp = array_namespace(outputs)
    f, q, error = outputs[..., :3, :, :], outputs[..., 3:6, :, :], outputs[..., 6, :, :]
    darker = xp.log(middle / _USUAL_WALL)[..., None, None]
    return _sigmoid(f), MOST_FED_BACK * _sigmoid(q + darker), xp.exp(xp.clip(error, *_ERRORS))


def paint_change(change: Any, middle_q: Any) -> Any:
    """g of paint that changes the wall's middle by R, where q is q̄: R = g(1 − q̄)/(1 − q̄g). Any shapes that agree."""
    return change / (1 - middle_q + middle_q * change)


def through_wall(q: Any, g: Any) -> Any:
    """g(1 − q)/(1 − qg), how light that came by way of the wall changes. Any shapes that agree."""
    xp = array_namespace(q)
    return g * (1 - q) / (1 - xp.clip(q * g, 0, MOST_FED_BACK))


def _sigmoid(values: Any) -> Any:
    xp = array_namespace(values)
    return 1 / (1 + xp.exp(-xp.clip(values, -60, 60)))
