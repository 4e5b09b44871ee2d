"""Opaque sRGB colours, and their hex notation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wallpaint.color.spaces import srgb_to_lab, srgb_to_linear
from wallpaint.errors import ColorError, quoted

FORMS = "Write it as #b9a08c, 185,160,140, rgb(185,160,140), lab(67,7,14) or a CSS name such as tan."


@dataclass(frozen=True)
class Color:
    """An opaque colour in the sRGB gamut.

    Attributes
    ----------
    srgb : tuple of 3 floats
        Gamma-encoded sRGB in [0, 1].
    name : str or None
        Name in a catalogue; None if it has none.
    """

    srgb: tuple[float, float, float]
    name: str | None = None

    @classmethod
    def from_rgb8(cls, rgb: Iterable[int], name: str | None = None) -> Color:
        """Make a colour from three integers in [0, 255]."""
        red, green, blue = (int(channel) / 255 for channel in rgb)
        return cls((red, green, blue), name)

    @property
    def rgb8(self) -> tuple[int, int, int]:
        """Red, green and blue as integers in [0, 255]."""
        red, green, blue = (min(255, max(0, round(channel * 255))) for channel in self.srgb)
        return red, green, blue

    @property
    def hex(self) -> str:
        return "#{:02x}{:02x}{:02x}".format(*self.rgb8)

    @cached_property
    def linear(self) -> np.ndarray:
        """(3,) float64 linear light, 1 = diffuse white."""
        return srgb_to_linear(np.array(self.srgb))

    @cached_property
    def lab(self) -> np.ndarray:
        """(3,) float64 CIELAB, D65 / 2°."""
        return srgb_to_lab(np.array(self.srgb))

    def __str__(self) -> str:
        return f"{self.name} ({self.hex})" if self.name else self.hex


def parse_hex(text: str, name: str | None = None) -> Color:
    """Parse ``#rgb`` or ``#rrggbb``, with or without ``#``; an alpha after it is accepted only if it is opaque."""
    digits = text.removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", digits):
        raise ColorError(f"{quoted(text)} is not a hex colour: it must have 3 or 6 digits of 0-9 and a-f. {FORMS}")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) == 8 and digits[6:].lower() != "ff":
        raise not_opaque(text, int(digits[6:], 16) / 255)
    return Color.from_rgb8(bytes.fromhex(digits[:6]), name)


def not_opaque(text: str, alpha: float) -> ColorError:
    """Error for a colour with alpha in [0, 1)."""
    return ColorError(
        f"{quoted(text)} is transparent (alpha {alpha:.2g}): paint is opaque. Leave the alpha out or set it to 1."
    )
