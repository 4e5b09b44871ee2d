"""Random wall colours for training: mostly colours that people buy, and enough others to follow any colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.color import Color, lab_to_srgb, lch_to_lab, srgb_to_linear

MAX_REFLECTANCE = 0.9  #: linear, of any channel; the brightest white paints reach about 0.85 to 0.9


@dataclass(frozen=True)
class PaintFamily:
    """A range of colours: a box in CIELCh(ab), D65 / 2°, sampled uniformly, with hue from the full circle.

    Attributes
    ----------
    name : str
    share : float
        Share of all random colours, (0, 1].
    lightness, chroma : (float, float)
        Ranges of L* and C*ab.
    """

    name: str
    share: float
    lightness: tuple[float, float]
    chroma: tuple[float, float]


# Over half of photographed walls are whites, greys and pale tints. Saturated colours get a larger share here than
# in photos, because a model makes its visible errors on them.
FAMILIES = (
    PaintFamily("white", 0.20, (85, 96), (0, 10)),
    PaintFamily("grey", 0.15, (35, 85), (0, 8)),
    PaintFamily("pastel", 0.25, (70, 92), (10, 32)),
    PaintFamily("saturated", 0.25, (35, 80), (32, 110)),
    PaintFamily("dark", 0.15, (10, 36), (0, 32)),
)


def draw_paint(rng: np.random.Generator) -> Color:
    """A random wall colour: a family by its share, then a colour in its box.

    Colours outside sRGB or brighter than `MAX_REFLECTANCE` are drawn again within the family. "saturated" is therefore
    uniform over the part of its box inside the gamut, mostly C*ab below 80.

    >>> draw_paint(np.random.default_rng(0)) == draw_paint(np.random.default_rng(0))
    True
    """
    family = FAMILIES[rng.choice(len(FAMILIES), p=[family.share for family in FAMILIES])]
    while True:
        lch = np.array([rng.uniform(*family.lightness), rng.uniform(*family.chroma), rng.uniform(0, 360)])
        srgb = lab_to_srgb(lch_to_lab(lch))
        if srgb.min() >= 0 and srgb_to_linear(srgb).max() <= MAX_REFLECTANCE:
            red, green, blue = srgb.tolist()
            return Color((red, green, blue))
