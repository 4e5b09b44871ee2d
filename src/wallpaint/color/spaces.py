"""Conversion between sRGB, linear light, CIE XYZ, CIELAB and CIELCh(ab), for numpy and torch, channels last.

| space  | symbol     | range                                              | source                    |
|--------|------------|----------------------------------------------------|---------------------------|
| sRGB   | R'G'B'     | [0, 1], gamma-encoded                              | IEC 61966-2-1:1999        |
| linear | RGB        | [0, 1] in gamut, 1 = diffuse white; light adds     | IEC 61966-2-1:1999        |
| XYZ    | XYZ        | Y in [0, 1]                                        | CIE 015:2018              |
| Lab    | L*a*b*     | L* in [0, 100]; D65, 2° observer                   | CIE 015:2018, section 8.2 |
| LCh    | L*C*ab hab | hab in degrees, [0, 360)                           | CIE 015:2018, section 8.2 |

Every function takes and returns ``(..., 3)`` floats and keeps the dtype (integers become float64). The functions
extend continuously beyond the ranges, so out-of-gamut colours survive a round trip. Gradients are finite everywhere,
also at black.
"""

from __future__ import annotations

import math

import numpy as np
from array_api_compat import array_namespace

from wallpaint.color.arrays import Array, constant, floating, power_where, square_root

_PRIMARIES_XY = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
_WHITE_XY = np.array([0.3127, 0.3290])


def _xyz_of_xy(xy: np.ndarray) -> np.ndarray:
    return np.stack([xy[..., 0] / xy[..., 1], np.ones_like(xy[..., 1]), (1 - xy.sum(-1)) / xy[..., 1]], -1)


def _linear_to_xyz_matrix() -> np.ndarray:
    """RGB → XYZ matrix from the chromaticities: with the standard's four decimals, greys would have a*, b* ≠ 0."""
    primaries = _xyz_of_xy(_PRIMARIES_XY).T
    return primaries * np.linalg.solve(primaries, _xyz_of_xy(_WHITE_XY))


WHITE_D65 = _xyz_of_xy(_WHITE_XY)  #: XYZ of the reference white, Y = 1
LINEAR_TO_XYZ = _linear_to_xyz_matrix()
XYZ_TO_LINEAR = np.linalg.inv(LINEAR_TO_XYZ)
LUMINANCE_WEIGHTS = LINEAR_TO_XYZ[1]

_DELTA = 6 / 29


def srgb_to_linear(srgb: Array) -> Array:
    """Decode gamma: ``(..., 3)`` sRGB in [0, 1] → linear light in [0, 1]; odd-symmetric below zero.

    >>> round(float(srgb_to_linear(np.array([0.5, 0.5, 0.5]))[0]), 6)
    0.214041
    """
    srgb = floating(srgb)
    xp = array_namespace(srgb)
    magnitude = xp.abs(srgb)
    curved = power_where(magnitude > 0.04045, (magnitude + 0.055) / 1.055, 2.4, magnitude)
    # the linear segment uses the signed value: |x| has gradient 0 at 0, so black pixels would get no gradient
    return xp.where(magnitude > 0.04045, xp.where(srgb < 0, -curved, curved), srgb / 12.92)


def linear_to_srgb(linear: Array) -> Array:
    """Encode gamma: ``(..., 3)`` linear light in [0, 1] → sRGB in [0, 1]; odd-symmetric below zero, never clipped."""
    linear = floating(linear)
    xp = array_namespace(linear)
    magnitude = xp.abs(linear)
    curved = 1.055 * power_where(magnitude > 0.0031308, magnitude, 1 / 2.4, magnitude) - 0.055
    return xp.where(magnitude > 0.0031308, xp.where(linear < 0, -curved, curved), linear * 12.92)


def linear_to_xyz(linear: Array) -> Array:
    """``(..., 3)`` linear sRGB → XYZ, D65."""
    linear = floating(linear)
    return linear @ constant(LINEAR_TO_XYZ.T, linear)


def xyz_to_linear(xyz: Array) -> Array:
    """``(..., 3)`` XYZ, D65 → linear sRGB; negative or above 1 outside the gamut."""
    xyz = floating(xyz)
    return xyz @ constant(XYZ_TO_LINEAR.T, xyz)


def luminance(linear: Array) -> Array:
    """``(..., 3)`` linear sRGB → ``(...)`` relative luminance Y in [0, 1]."""
    linear = floating(linear)
    return linear @ constant(LUMINANCE_WEIGHTS, linear)


def xyz_to_lab(xyz: Array) -> Array:
    """``(..., 3)`` XYZ, D65 → CIELAB.

    >>> [round(float(value), 3) for value in xyz_to_lab(WHITE_D65)]
    [100.0, 0.0, 0.0]
    """
    xyz = floating(xyz)
    xp = array_namespace(xyz)
    ratio = xyz / constant(WHITE_D65, xyz)
    f = power_where(ratio > _DELTA**3, ratio, 1 / 3, ratio / (3 * _DELTA**2) + 4 / 29)
    fx, fy, fz = f[..., 0], f[..., 1], f[..., 2]
    return xp.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def lab_to_xyz(lab: Array) -> Array:
    """``(..., 3)`` CIELAB → XYZ, D65."""
    lab = floating(lab)
    xp = array_namespace(lab)
    fy = (lab[..., 0] + 16) / 116
    f = xp.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    ratio = power_where(f > _DELTA, f, 3, 3 * _DELTA**2 * (f - 4 / 29))
    return ratio * constant(WHITE_D65, lab)


def lab_to_lch(lab: Array) -> Array:
    """``(..., 3)`` CIELAB → L*, C*ab, hab in degrees [0, 360); the hue of an exact grey is 0."""
    lab = floating(lab)
    xp = array_namespace(lab)
    a, b = lab[..., 1], lab[..., 2]
    hue = xp.atan2(b, a) * (180 / math.pi)
    return xp.stack([lab[..., 0], square_root(a * a + b * b), xp.where(hue < 0, hue + 360, hue)], axis=-1)


def lch_to_lab(lch: Array) -> Array:
    """``(..., 3)`` L*, C*ab, hab in degrees → CIELAB."""
    lch = floating(lch)
    xp = array_namespace(lch)
    hue = lch[..., 2] * (math.pi / 180)
    return xp.stack([lch[..., 0], lch[..., 1] * xp.cos(hue), lch[..., 1] * xp.sin(hue)], axis=-1)


def linear_to_lab(linear: Array) -> Array:
    """``(..., 3)`` linear sRGB → CIELAB, D65."""
    return xyz_to_lab(linear_to_xyz(linear))


def lab_to_linear(lab: Array) -> Array:
    """``(..., 3)`` CIELAB, D65 → linear sRGB, outside [0, 1] where the colour is outside the gamut."""
    return xyz_to_linear(lab_to_xyz(lab))


def srgb_to_lab(srgb: Array) -> Array:
    """``(..., 3)`` sRGB in [0, 1] → CIELAB, D65."""
    return linear_to_lab(srgb_to_linear(srgb))


def lab_to_srgb(lab: Array) -> Array:
    """``(..., 3)`` CIELAB, D65 → sRGB, outside [0, 1] where the colour is outside the gamut."""
    return linear_to_srgb(lab_to_linear(lab))
