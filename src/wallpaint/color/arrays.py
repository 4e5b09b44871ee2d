"""One set of formulas for numpy and torch: the array namespace, and roots whose gradients stay finite."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

Array = Any  #: a numpy array or a torch tensor, floating point, colour channels last


def floating(array: Any) -> Array:
    """The array as it is if it is floating point; lists and integers as float64 numpy."""
    if not hasattr(array, "dtype"):
        return np.asarray(array, dtype=np.float64)
    xp = array_namespace(array)
    return array if xp.isdtype(array.dtype, "real floating") else xp.astype(array, xp.float64)


def constant(values: Any, like: Array) -> Array:
    """`values` with the dtype, device and library of `like`."""
    return array_namespace(like).asarray(values, dtype=like.dtype, device=device(like))


def power_where(condition: Array, base: Array, exponent: float, otherwise: Array) -> Array:
    """``base ** exponent`` where the condition holds.

    The base is made 1 elsewhere *before* the power is taken: a torch gradient through an unused
    branch is multiplied by zero, and zero times infinity is not zero.
    """
    xp = array_namespace(base)
    safe = xp.where(condition, base, xp.ones_like(base))
    return xp.where(condition, safe**exponent, otherwise)


def square_root(array: Array) -> Array:
    """√x for x ≥ 0, with gradient 0 (not infinity) at 0."""
    xp = array_namespace(array)
    return power_where(array > 0, array, 0.5, xp.zeros_like(array))
