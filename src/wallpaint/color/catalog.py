"""Catalogues of named colours: CSV files with the columns ``name,hex``.

CSS Color Module Level 4 is built in. Public lists of trade colours differ from each other by 3 to 12 CIEDE2000, so
none is included: load the manufacturer's own list with ``--catalog``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from wallpaint.color.catalog_file import rows_of, split_columns
from wallpaint.color.difference import delta_e_2000
from wallpaint.color.solid import Color, parse_hex
from wallpaint.errors import CatalogError, ColorError, Source, warn_of


def _folded(name: str) -> str:
    """Normal form of a name for comparison: NFKC, without case, spaces, hyphens and underscores.

    "RAL 6019" becomes "ral6019".
    """
    return "".join(character for character in unicodedata.normalize("NFKC", name).casefold() if character not in " -_")


@dataclass(frozen=True)
class Catalog(Mapping[str, Color]):
    """Mapping of names to colours; lookup ignores case, spaces, hyphens and underscores.

    >>> css_colors()["Dark Sea Green"].hex
    '#8fbc8f'
    """

    title: str
    colors: Mapping[str, Color]
    _by_folded_name: Mapping[str, Color] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_folded_name", {_folded(name): color for name, color in self.colors.items()})

    def __getitem__(self, name: str) -> Color:
        return self._by_folded_name[_folded(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.colors)

    def __len__(self) -> int:
        return len(self.colors)

    def search(self, words: str) -> list[Color]:
        """Colours whose names contain every word, in the order of the catalogue."""
        wanted = [_folded(word) for word in words.split()]
        return [color for name, color in self.colors.items() if all(word in _folded(name) for word in wanted)]

    def nearest(self, color: Color, count: int = 5) -> list[tuple[Color, float]]:
        """The `count` nearest colours with their CIEDE2000, nearest first."""
        named = list(self.colors.values())
        if not named:
            return []
        differences = delta_e_2000(np.stack([candidate.lab for candidate in named]), color.lab)
        return [(named[i], float(differences[i])) for i in np.argsort(differences, kind="stable")[:count]]


def nearest_of_all(catalogs: Iterable[Catalog], color: Color, count: int) -> list[tuple[str, Color, float]]:
    """The `count` nearest colours of several catalogues: catalogue title, colour, CIEDE2000; nearest first."""
    found = [(each.title, near, delta) for each in catalogs for near, delta in each.nearest(color, count)]
    return sorted(found, key=lambda entry: entry[2])[:count]


def read_catalog(path: Source, columns: Sequence[str] = ("name", "hex")) -> Catalog:
    """Read a CSV file of named colours, as spreadsheet programs write it.

    Parameters
    ----------
    path : path
        The first line of the file names the columns; see `rows_of` for encodings and delimiters. The path may also
        name the two columns: ``paints.csv#Label,HTML``.
    columns : two str
        Names of the columns with the colour names and with the hex colours, in any case. Further columns are ignored.

    Raises
    ------
    CatalogError
        The file is missing, is not text, lacks a column, or a line has no colour; the message gives the line number.
        ``345`` is refused: it may be #334455, or #000345 after a spreadsheet removed the leading zeros.

    Warns
    -----
    WallpaintWarning
        The file is not Unicode, or two names with the same normal form have different colours.
    """
    path, columns = split_columns(Path(path), columns)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CatalogError(f"{path}: there is no such file. Check the path given to --catalog.") from None
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: not a readable CSV file ({error}). Save it as UTF-8 text.") from None
    return Catalog(path.stem, _read_colors(path, content, columns))


def _read_colors(path: Path, content: bytes, columns: Sequence[str] = ("name", "hex")) -> dict[str, Color]:
    colors: dict[str, Color] = {}
    known: dict[str, tuple[str, Color]] = {}
    for line, name, text in rows_of(path, content, columns):
        if not name:
            raise CatalogError(f"{path}, line {line}: the colour has no name.")
        if not text:
            raise CatalogError(f"{path}, line {line}: {name!r} has no colour.")
        try:
            colors[name] = _parse_cell(text, name)
        except ColorError as error:
            raise CatalogError(f"{path}, line {line}: {error}") from None
        other, color = known.setdefault(_folded(name), (name, colors[name]))
        if color.rgb8 != colors[name].rgb8:
            warn_of(
                path,
                f"line {line}: {name!r} is {colors[name].hex} and {other!r} is {color.hex}; "
                "they are the same name, and the later colour is used.",
            )
    return colors


def _parse_cell(text: str, name: str) -> Color:
    """Colour of a cell: hex, ``0x`` and hex, red,green,blue, or a spreadsheet formula ``="000345"``."""
    if formula := re.fullmatch(r'="(.*)"', text):
        text = formula[1]
    text = re.sub(r"^0[xX]", "#", text)
    if (triple := re.fullmatch(r"(\d{1,3})[,;] ?(\d{1,3})[,;] ?(\d{1,3})", text)) and max(
        map(int, triple.groups())
    ) < 256:
        return Color.from_rgb8(map(int, triple.groups()), name)
    if re.fullmatch(r"0|[1-9]\d{0,4}", text):
        other = f" or #{''.join(digit * 2 for digit in text)}" if len(text) == 3 else ""
        raise ColorError(
            f"{text!r} may be #{text:>06} without its leading zeros, which spreadsheets remove{other}. "
            "Write # and six digits, in a column formatted as text."
        )
    return parse_hex(text, name=name)


@cache
def css_colors() -> Catalog:
    """The 148 named colours of CSS Color Module Level 4, section 6.1."""
    resource = files("wallpaint.color") / "css.csv"
    return Catalog("css", _read_colors(Path("css.csv"), resource.read_bytes()))
