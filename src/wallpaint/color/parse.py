"""The colour a person names: ``#B9A08C``, ``185,160,140``, ``rgb(…)``, ``lab(…)``, a CSS or a catalogue name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.color.spaces import lab_to_srgb, srgb_to_lab, srgb_to_linear
from wallpaint.errors import ColorError

if TYPE_CHECKING:
    from wallpaint.color.catalog import Catalog

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)%?"
_FUNCTION = re.compile(rf"(?P<space>rgba?|lab)\(\s*(?P<body>{_NUMBER}(?:\s*[,/\s]\s*{_NUMBER})*)\s*\)", re.IGNORECASE)
_TRIPLE = re.compile(r"(\d{1,3})\s*[,;\s]\s*(\d{1,3})\s*[,;\s]\s*(\d{1,3})")
_GAMUT_TOLERANCE = 0.5 / 255
_FORMS = "Write it as #b9a08c, 185,160,140, rgb(185,160,140), lab(67,7,14) or a CSS name such as tan."


@dataclass(frozen=True)
class Color:
    """One opaque colour a screen can show.

    Attributes
    ----------
    srgb : tuple of 3 floats
        Gamma-encoded sRGB in [0, 1].
    name : str or None
        What a catalogue calls it.
    """

    srgb: tuple[float, float, float]
    name: str | None = None

    @classmethod
    def from_rgb8(cls, rgb: Iterable[int], name: str | None = None) -> Color:
        """From three integers in [0, 255]."""
        red, green, blue = (int(channel) / 255 for channel in rgb)
        return cls((red, green, blue), name)

    @property
    def rgb8(self) -> tuple[int, int, int]:
        """Three integers in [0, 255]."""
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


def parse_color(text: str | Color | Iterable[int], catalogs: Iterable[Catalog] = ()) -> Color:
    """Understand a colour as a person writes it.

    Parameters
    ----------
    text : str
        ``#rgb``, ``#rrggbb``, ``185,160,140``, ``rgb(185, 160, 140)``, ``rgb(72% 63% 55%)``, ``rgba(…, 1)``,
        ``lab(L, a, b)`` in CIELAB D65 / 2° (the space of every figure here; CSS's own lab() is D50),
        or a name in `catalogs` or in CSS Color 4. A `Color` is returned as it is; three integers in [0, 255] are
        red, green and blue.
    catalogs : iterable of Catalog
        Searched for names before CSS.

    Raises
    ------
    ColorError
        Not a colour, not opaque, or outside sRGB.

    >>> parse_color("rgb(185, 160, 140)").hex
    '#b9a08c'
    """
    if isinstance(text, Color):
        return text
    if not isinstance(text, str):
        return _of_integers(text)
    written = text.strip()
    if written.startswith("#"):
        return parse_hex(written)
    if function := _FUNCTION.fullmatch(written):
        return _parse_function(written, function["space"].lower(), re.split(r"\s*[,/\s]\s*", function["body"]))
    if triple := _TRIPLE.fullmatch(written):
        return Color(_channels(written, triple.groups()))
    return _named(written, list(catalogs))


def parse_hex(text: str, name: str | None = None) -> Color:
    """``#rgb``, ``#rrggbb``, or either with a final alpha that must be opaque; the ``#`` may be missing."""
    digits = text.removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", digits):
        raise ColorError(f"{text!r} is not a hex colour: it takes 3 or 6 digits of 0-9 and a-f. {_FORMS}")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) == 8 and digits[6:].lower() != "ff":
        raise _not_opaque(text, int(digits[6:], 16) / 255)
    return Color.from_rgb8(bytes.fromhex(digits[:6]), name)


def _of_integers(rgb: Iterable[int]) -> Color:
    try:
        channels = [index(channel) for channel in rgb]
    except TypeError:
        channels = []
    if len(channels) != 3 or not all(0 <= channel <= 255 for channel in channels):
        raise ColorError(f"{rgb!r} is not a colour: as numbers, it takes three integers from 0 to 255. {_FORMS}")
    return Color.from_rgb8(channels)


def _parse_function(text: str, space: str, values: list[str]) -> Color:
    if len(values) == 4 and (alpha := _scaled(values.pop(), 1)) != 1:
        raise _not_opaque(text, alpha)
    if len(values) != 3:
        raise ColorError(f"{text!r} has {len(values)} components; a colour has three. {_FORMS}")
    return _parse_lab(text, values) if space == "lab" else Color(_channels(text, values))


def _parse_lab(text: str, values: list[str]) -> Color:
    lab = np.array([_scaled(values[0], 100), _scaled(values[1], 125), _scaled(values[2], 125)])
    srgb = lab_to_srgb(lab)
    nearest = np.clip(srgb, 0, 1)
    if np.abs(srgb - nearest).max() > _GAMUT_TOLERANCE:
        hint = Color((float(nearest[0]), float(nearest[1]), float(nearest[2]))).hex
        raise ColorError(f"{text!r} lies outside what an sRGB screen can show. Clipped, it would be {hint}.")
    return Color((float(nearest[0]), float(nearest[1]), float(nearest[2])))


def _channels(text: str, values: Iterable[str]) -> tuple[float, float, float]:
    red, green, blue = (_scaled(value, 255) / 255 for value in values)
    if not all(0 <= channel <= 1 for channel in (red, green, blue)):
        raise ColorError(f"{text!r} has a channel outside 0 to 255.")
    return red, green, blue


def _scaled(value: str, full: float) -> float:
    return float(value[:-1]) / 100 * full if value.endswith("%") else float(value)


def _not_opaque(text: str, alpha: float) -> ColorError:
    return ColorError(
        f"{text!r} is see-through (alpha {alpha:.2g}): paint is opaque. Leave the alpha out or make it 1."
    )


def _named(text: str, catalogs: list[Catalog]) -> Color:
    from wallpaint.color.catalog import css_colors  # catalog reads its lines with this module

    searched = [*catalogs, css_colors()]
    for catalog in searched:
        if text in catalog:
            return catalog[text]
    if re.fullmatch(r"[0-9a-fA-F]{6}", text):
        return parse_hex(text)
    names = {name.casefold(): name for catalog in searched for name in catalog}
    close = difflib.get_close_matches(text.casefold(), names, n=1)
    hint = f"Did you mean {names[close[0]]!r}? " if close else ""
    raise ColorError(f"{text!r} is not a colour. {hint}{_FORMS}")
