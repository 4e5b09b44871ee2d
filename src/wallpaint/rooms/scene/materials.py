"""Materials of surfaces: matte, glossy, metal, light-emitting, and wall paint of open colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Texture:
    """A repeating picture.

    Attributes
    ----------
    pixels : (h, w, 3) float32
        Linear reflectance in [0, 1] (or radiance, where a surface glows), first row at the top.
    size : (float, float)
        Size of one repeat in metres, along u and v.
    """

    pixels: np.ndarray
    size: tuple[float, float]


Tint = np.ndarray | Texture  #: (3,) linear RGB, or a texture of it


@dataclass(frozen=True, eq=False)
class Material:
    """A surface.

    Attributes
    ----------
    color : (3,) array or Texture
        Linear diffuse reflectance; for a metal, the specular colour.
    roughness : float or None
        Beckmann alpha of a glossy coat; None is matte (Lambertian).
    metallic : bool
        True for a conductor, which has no diffuse part.
    glow : (3,) array, Texture or None
        Emitted radiance, W/(sr·m²) in linear RGB, arbitrary scale.
    is_paint : bool
        The wall whose colour is left open: Lambertian, `color` is its relief (mean 1) by which a paint is multiplied.
    translucency : float
        Share of the diffusely scattered light that leaves on the other side, [0, 1]: sheer curtains. Snapshots only.
    """

    color: Tint
    roughness: float | None = None
    metallic: bool = False
    glow: Tint | None = None
    is_paint: bool = False
    translucency: float = 0.0


def matte(color: Tint | tuple[float, float, float]) -> Material:
    return Material(_tint(color))


def glossy(color: Tint | tuple[float, float, float], roughness: float = 0.2) -> Material:
    return Material(_tint(color), roughness)


def metal(color: Tint | tuple[float, float, float] = (0.8, 0.79, 0.77), roughness: float = 0.2) -> Material:
    return Material(_tint(color), roughness, metallic=True)


def glowing(radiance: Tint) -> Material:
    """A light source that reflects nothing; light between a bulb and its shade is part of the shade's emission."""
    return Material(np.zeros(3), glow=radiance)


def paint(relief: Texture | None = None) -> Material:
    """Wall paint of open colour. `relief` is the unevenness of its coat, around 1 in all channels.

    The relief multiplies the paint's reflectance, so light stays an exact polynomial in the reflectance.
    """
    return Material(np.ones(3) if relief is None else relief, is_paint=True)


def _tint(color: Tint | tuple[float, float, float]) -> Tint:
    return color if isinstance(color, Texture) else np.clip(np.asarray(color, dtype=float), 0.0, 0.95)
