"""Colour differences: CIE76, CIEDE2000, and the hue angle difference."""

from __future__ import annotations

import math

from array_api_compat import array_namespace

from wallpaint.color.arrays import Array, floating, square_root

_DEGREE = math.pi / 180


def delta_e_76(lab_1: Array, lab_2: Array) -> Array:
    """CIE 1976 colour difference ΔE*ab: Euclidean distance in CIELAB.

    Parameters
    ----------
    lab_1, lab_2 : (..., 3) float
        CIELAB, D65 / 2°; shapes broadcast.

    Returns
    -------
    (...) float
        ≥ 0; about 2.3 is one just noticeable difference (Mahy et al. 1994).
    """
    lab_1, lab_2 = floating(lab_1), floating(lab_2)
    xp = array_namespace(lab_1, lab_2)
    return square_root(xp.sum((lab_1 - lab_2) ** 2, axis=-1))


def delta_e_2000(lab_1: Array, lab_2: Array) -> Array:
    """CIEDE2000 colour difference ΔE00 with kL = kC = kH = 1.

    Parameters
    ----------
    lab_1, lab_2 : (..., 3) float
        CIELAB, D65 / 2°; shapes broadcast.

    Returns
    -------
    (...) float
        ≥ 0, symmetric; about 1 is just noticeable side by side.

    Notes
    -----
    CIE 142:2001 / ISO/CIE 11664-6:2022, implemented as in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference
    Formula: Implementation Notes, Supplementary Test Data, and Mathematical Observations", Color Research &
    Application 30(1), 2005. The formula is discontinuous where hues differ by 180° (ibid., section on discontinuities).

    >>> import numpy as np
    >>> round(float(delta_e_2000(np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485]))), 4)
    2.0425
    """
    lab_1, lab_2 = floating(lab_1), floating(lab_2)
    xp = array_namespace(lab_1, lab_2)
    l1, a1, b1 = (lab_1[..., i] for i in range(3))
    l2, a2, b2 = (lab_2[..., i] for i in range(3))

    mean_c = (square_root(a1 * a1 + b1 * b1) + square_root(a2 * a2 + b2 * b2)) / 2
    g = 0.5 * (1 - square_root(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = square_root(a1 * a1 + b1 * b1), square_root(a2 * a2 + b2 * b2)
    h1, h2 = _hue(xp, a1, b1), _hue(xp, a2, b2)
    both_have_hue = (c1 * c2) != 0

    dh = h2 - h1
    dh = xp.where(dh > 180, dh - 360, xp.where(dh < -180, dh + 360, dh))
    dh = xp.where(both_have_hue, dh, xp.zeros_like(dh))
    delta_l, delta_c = l2 - l1, c2 - c1
    delta_h = 2 * square_root(c1 * c2) * xp.sin(dh / 2 * _DEGREE)

    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    total_h = h1 + h2
    wrapped = xp.where(total_h < 360, total_h + 360, total_h - 360)
    mean_h = xp.where(xp.abs(h1 - h2) <= 180, total_h, wrapped) / 2
    mean_h = xp.where(both_have_hue, mean_h, total_h)

    t = (
        1
        - 0.17 * xp.cos((mean_h - 30) * _DEGREE)
        + 0.24 * xp.cos(2 * mean_h * _DEGREE)
        + 0.32 * xp.cos((3 * mean_h + 6) * _DEGREE)
        - 0.20 * xp.cos((4 * mean_h - 63) * _DEGREE)
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / (20 + (mean_l - 50) ** 2) ** 0.5
    s_c = 1 + 0.045 * mean_c
    s_h = 1 + 0.015 * mean_c * t
    r_c = 2 * square_root(mean_c**7 / (mean_c**7 + 25.0**7))
    r_t = -xp.sin(60 * xp.exp(-(((mean_h - 275) / 25) ** 2)) * _DEGREE) * r_c

    l_term, c_term, h_term = delta_l / s_l, delta_c / s_c, delta_h / s_h
    return square_root(l_term**2 + c_term**2 + h_term**2 + r_t * c_term * h_term)


def hue_difference(lab_1: Array, lab_2: Array, *, min_chroma: float = 3.0) -> Array:
    """Difference of the CIELAB hue angles of two colours.

    Parameters
    ----------
    lab_1, lab_2 : (..., 3) float
        CIELAB, D65 / 2°; shapes broadcast.
    min_chroma : float
        C*ab below which the hue of a colour is undefined.

    Returns
    -------
    (...) float
        Degrees in [0, 180]; ``nan`` if the C*ab of either colour is below `min_chroma`.

    Notes
    -----
    Circular: 359° and 1° differ by 2°. CIE 015:2018, section 8.2.

    >>> import numpy as np
    >>> round(float(hue_difference(np.array([50, 40, 40.]), np.array([50, 40, -40.]))), 6)
    90.0
    """
    lab_1, lab_2 = floating(lab_1), floating(lab_2)
    xp = array_namespace(lab_1, lab_2)
    a1, b1, a2, b2 = lab_1[..., 1], lab_1[..., 2], lab_2[..., 1], lab_2[..., 2]
    cross, dot = a1 * b2 - b1 * a2, a1 * a2 + b1 * b2
    angle = xp.abs(xp.atan2(cross, dot)) * (180 / math.pi)
    has_hue = (a1 * a1 + b1 * b1 >= min_chroma**2) & (a2 * a2 + b2 * b2 >= min_chroma**2)
    return xp.where(has_hue, angle, xp.full_like(angle, math.nan))


def _hue(xp, a: Array, b: Array) -> Array:  # type: ignore[no-untyped-def]
    """Hue angle in degrees, [0, 360)."""
    hue = xp.atan2(b, a) * (180 / math.pi)
    return xp.where(hue < 0, hue + 360, hue)
