"""Parsing of colours: ``#B9A08C``, ``185,160,140``, ``rgb(…)``, ``lab(…)``, a CSS or a catalogue name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from operator import index

import numpy as np

from wallpaint.color.catalog import Catalog, css_colors
from wallpaint.color.solid import FORMS, Color, not_opaque, parse_hex
from wallpaint.color.spaces import lab_to_srgb
from wallpaint.errors import ColorError, quoted

MAX_COLOR_LENGTH = 200  #: characters; no notation needs more, and longer text is refused before pattern matching
# In each pattern, adjacent parts never match the same characters, so matching takes linear time.
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)%?"
_SEPARATOR = r"(?:\s*[,/]\s*|\s+)"
_FUNCTION = re.compile(rf"(?P<space>rgba?|lab)\(\s*(?P<body>{_NUMBER}(?:{_SEPARATOR}{_NUMBER})*)\s*\)", re.IGNORECASE)
_TRIPLE = re.compile(r"(\d{1,3})(?:\s*[,;]\s*|\s+)(\d{1,3})(?:\s*[,;]\s*|\s+)(\d{1,3})")
_GAMUT_TOLERANCE = 0.5 / 255


def parse_color(text: str | Color | Iterable[int], catalogs: Iterable[Catalog] = ()) -> Color:
    """Parse a colour in any common notation.

    Parameters
    ----------
    text : str
        ``#rgb``, ``#rrggbb``, ``185,160,140``, ``rgb(185, 160, 140)``, ``rgb(72% 63% 55%)``, ``rgba(…, 1)``,
        ``lab(L, a, b)`` in CIELAB D65 / 2° (as all Lab values in wallpaint; the lab() of CSS is D50),
        or a name in `catalogs` or in CSS Color 4. A `Color` is returned unchanged; three integers in [0, 255] are
        red, green and blue.
    catalogs : iterable of Catalog
        Catalogues searched for names before CSS.

    Raises
    ------
    ColorError
        The text is not a colour, is longer than `MAX_COLOR_LENGTH`, or the colour is not opaque or outside sRGB.

    >>> parse_color("rgb(185, 160, 140)").hex
    '#b9a08c'
    """
    if isinstance(text, Color):
        return text
    if not isinstance(text, str):
        return _of_integers(text)
    written = text.strip()
    if len(written) > MAX_COLOR_LENGTH:
        raise ColorError(f"{quoted(written)} is too long for a colour: at most {MAX_COLOR_LENGTH} characters. {FORMS}")
    if written.startswith("#"):
        return parse_hex(written)
    if function := _FUNCTION.fullmatch(written):
        return _parse_function(written, function["space"].lower(), re.split(_SEPARATOR, function["body"]))
    if triple := _TRIPLE.fullmatch(written):
        return Color(_channels(written, triple.groups()))
    return _named(written, list(catalogs))


def _of_integers(rgb: Iterable[int]) -> Color:
    try:
        channels = [index(channel) for channel in rgb]
    except TypeError:
        channels = []
    if len(channels) != 3 or not all(0 <= channel <= 255 for channel in channels):
        raise ColorError(f"{rgb!r} is not a colour: numbers must be three integers from 0 to 255. {FORMS}")
    return Color.from_rgb8(channels)


def _parse_function(text: str, space: str, values: list[str]) -> Color:
    if len(values) == 4 and (alpha := _scaled(values.pop(), 1)) != 1:
        raise not_opaque(text, alpha)
    if len(values) != 3:
        raise ColorError(f"{quoted(text)} has {len(values)} components; a colour has three. {FORMS}")
    return _parse_lab(text, values) if space == "lab" else Color(_channels(text, values))


def _parse_lab(text: str, values: list[str]) -> Color:
    lab = np.array([_scaled(values[0], 100), _scaled(values[1], 125), _scaled(values[2], 125)])
    srgb = lab_to_srgb(lab)
    nearest = np.clip(srgb, 0, 1)
    if np.abs(srgb - nearest).max() > _GAMUT_TOLERANCE:
        hint = Color((float(nearest[0]), float(nearest[1]), float(nearest[2]))).hex
        raise ColorError(f"{quoted(text)} is outside the sRGB gamut. Clipped, it would be {hint}.")
    return Color((float(nearest[0]), float(nearest[1]), float(nearest[2])))


def _channels(text: str, values: Iterable[str]) -> tuple[float, float, float]:
    red, green, blue = (_scaled(value, 255) / 255 for value in values)
    if not all(0 <= channel <= 1 for channel in (red, green, blue)):
        raise ColorError(f"{quoted(text)} has a channel outside 0 to 255.")
    return red, green, blue


def _scaled(value: str, full: float) -> float:
    return float(value[:-1]) / 100 * full if value.endswith("%") else float(value)


def _named(text: str, catalogs: list[Catalog]) -> Color:
    searched = [*catalogs, css_colors()]
    for catalog in searched:
        if text in catalog:
            return catalog[text]
    if re.fullmatch(r"[0-9a-fA-F]{6}", text):
        return parse_hex(text)
    names = {name.casefold(): name for catalog in searched for name in catalog}
    close = difflib.get_close_matches(text.casefold(), names, n=1)
    hint = f"Did you mean {names[close[0]]!r}? " if close else ""
    raise ColorError(f"{quoted(text)} is not a colour. {hint}{FORMS}")
