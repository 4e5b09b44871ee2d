"""The paints that walls of the training data get: what people buy, and enough else to follow any colour named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.color import Color, lab_to_srgb, lch_to_lab, srgb_to_linear

MAX_REFLECTANCE = 0.9  #: linear, of any channel; the brightest white paints reach about 0.85 to 0.9


@dataclass(frozen=True)
class PaintFamily:
    """A box in CIELCh(ab), D65 / 2°, from which paints are drawn evenly, the hue from the full circle.

    Attributes
    ----------
    name : str
    share : float
        Of all paints drawn, (0, 1].
    lightness, chroma : (float, float)
        Ranges of L* and C*ab.
    """

    name: str
    share: float
    lightness: tuple[float, float]
    chroma: tuple[float, float]


# Over half of the walls people photograph are whites, greys and pale tints; drawn in that proportion only, a model
# never learns the strong colours, which are the ones it gets visibly wrong.
FAMILIES = (
    PaintFamily("white", 0.20, (85, 96), (0, 10)),
    PaintFamily("grey", 0.15, (35, 85), (0, 8)),
    PaintFamily("pastel", 0.25, (70, 92), (10, 32)),
    PaintFamily("saturated", 0.25, (35, 80), (32, 110)),
    PaintFamily("dark", 0.15, (10, 36), (0, 32)),
)


def draw_paint(rng: np.random.Generator) -> Color:
    """A paint: a family by its share, then a colour in it.

    Colours that sRGB does not hold, or that are brighter than `MAX_REFLECTANCE`, are drawn again within the family; so
    "saturated" is uniform over what the gamut leaves of its box, mostly C*ab below 80.

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
