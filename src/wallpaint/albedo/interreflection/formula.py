"""Change of a room's light with the wall's paint, in closed form; for numpy and for torch.

For new paint that reflects g times as much as the old, in each channel,

    new / old = (1 − f) + f · g(1 − q)/(1 − qg)

f is the share of a pixel's light that was reflected by the painted wall at least once; on the wall itself f = 1. q is
the share of that light that had been reflected by the wall before. The second factor is the sum over all reflections,
g Σ (qg)ⁿ, divided by the same sum for the old paint, Σ qⁿ. The ratio is 1 for g = 1 and grows with g.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

MAX_RETURN = 0.9  #: upper limit of q and of q·g, so that the sum over reflections stays finite
_TYPICAL_WALL = 0.4  # linear light of a wall's median at which q needs no offset; darker walls return less light
_LN_ERROR_RANGE = (-3.0, 1.0)  # limits of ln(expected relative error)


def decode_outputs(outputs: Any, wall_median: Any) -> tuple[Any, Any, Any]:
    """f, q and the expected error from the network's raw outputs.

    f = σ(o₁); q = 0.9 σ(o₂ + ln(wall median / 0.4)); error = exp(o₃), limited to [e⁻³, e].

    Parameters
    ----------
    outputs : (…, 7, h, w) float
    wall_median : (…, 3) float
        The wall's median linear light, > 0.

    Returns
    -------
    f, q : (…, 3, h, w) float
        In (0, 1) and (0, 0.9).
    error : (…, h, w) float
        Expected error as a share of the change of light, in [e⁻³, e].
    """
    xp = array_namespace(outputs)
    f, q, error = outputs[..., :3, :, :], outputs[..., 3:6, :, :], outputs[..., 6, :, :]
    offset = xp.log(wall_median / _TYPICAL_WALL)[..., None, None]
    return _sigmoid(f), MAX_RETURN * _sigmoid(q + offset), xp.exp(xp.clip(error, *_LN_ERROR_RANGE))


def reflectance_ratio(wall_ratio: Any, mean_q: Any) -> Any:
    """g, the ratio of new to old reflectance, from the wanted ratio R of the wall's light.

    Solves R = g(1 − q̄)/(1 − q̄g) for g. `wall_ratio` is R, `mean_q` is q̄, the wall's mean of q; shapes that broadcast.
    """
    return wall_ratio / (1 - mean_q + mean_q * wall_ratio)


def indirect_light_ratio(q: Any, g: Any) -> Any:
    """g(1 − q)/(1 − qg): new over old light among the light that the wall has reflected; shapes that broadcast."""
    xp = array_namespace(q)
    return g * (1 - q) / (1 - xp.clip(q * g, 0, MAX_RETURN))


def _sigmoid(values: Any) -> Any:
    xp = array_namespace(values)
    return 1 / (1 + xp.exp(-xp.clip(values, -60, 60)))
