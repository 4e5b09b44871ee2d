"""Colour of light from its correlated colour temperature."""

from __future__ import annotations

import numpy as np

from wallpaint.color import luminance, xyz_to_linear

RANGE = (1667.0, 25000.0)  #: kelvin; range in which the approximations are valid


def chromaticity(kelvin: float) -> tuple[float, float]:
    """CIE 1931 (x, y) of light: a Planckian radiator below 4000 K, the CIE daylight locus from 4000 K on.

    Notes
    -----
    Planckian: cubic fit of Kim et al., US patent 7,024,034 (2002). Daylight: CIE 015:2018, section 4.1.2.

    >>> [round(value, 4) for value in chromaticity(6504)]
    [0.3127, 0.3291]
    """
    if not RANGE[0] <= kelvin <= RANGE[1]:
        raise ValueError(f"{kelvin:g} K is outside {RANGE[0]:g} to {RANGE[1]:g} K")
    t = 1000 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
        if kelvin <= 2222:
            return x, -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
        return x, -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    if kelvin <= 7000:
        x = -4.6070 * t**3 + 2.9678 * t**2 + 0.09911 * t + 0.244063
    else:
        x = -2.0064 * t**3 + 1.9018 * t**2 + 0.24748 * t + 0.237040
    return x, -3.0 * x * x + 2.870 * x - 0.275


def illuminant(kelvin: float) -> np.ndarray:
    """(3,) linear sRGB of luminance 1; negative channels, outside the gamut (deep orange), are clipped to 0.01.

    >>> [round(float(channel), 2) for channel in illuminant(6504)]
    [1.0, 1.0, 1.0]
    """
    x, y = chromaticity(kelvin)
    rgb = np.maximum(xyz_to_linear(np.array([x / y, 1.0, (1 - x - y) / y])), 0.01)
    return rgb / luminance(rgb)
