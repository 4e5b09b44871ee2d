"""Array functions for numpy and torch: dtype conversion, and powers and roots with finite gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

Array = Any  #: a numpy array or a torch tensor, floating point, colour channels last


def floating(array: Any) -> Array:
    """The array unchanged if it is floating point; integers become float64, lists become float64 numpy arrays."""
    if not hasattr(array, "dtype"):
        return np.asarray(array, dtype=np.float64)
    xp = array_namespace(array)
    return array if xp.isdtype(array.dtype, "real floating") else xp.astype(array, xp.float64)


def constant(values: Any, like: Array) -> Array:
    """`values` with the dtype, device and library of `like`."""
    return array_namespace(like).asarray(values, dtype=like.dtype, device=device(like))


def power_where(condition: Array, base: Array, exponent: float, otherwise: Array) -> Array:
    """``base ** exponent`` where `condition` holds, else `otherwise`.

    Elsewhere the base is replaced with 1 *before* the power is computed: torch multiplies the gradient of the unused
    branch by zero, and zero times infinity is NaN.
    """
    xp = array_namespace(base)
    safe = xp.where(condition, base, xp.ones_like(base))
    return xp.where(condition, safe**exponent, otherwise)


def square_root(array: Array) -> Array:
    """√x for x ≥ 0, with gradient 0 (not infinity) at 0."""
    xp = array_namespace(array)
    return power_where(array > 0, array, 0.5, xp.zeros_like(array))
