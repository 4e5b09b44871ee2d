"""Catalogues of named colours: CSV files with the columns ``name,hex``.

CSS Color Module Level 4 comes built in. Public lists of trade colours disagree with each other by 3 to 12 CIEDE2000,
so none is shipped as truth: bring the maker's own with ``--catalog``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from wallpaint.color.difference import delta_e_2000
from wallpaint.color.solid import Color, parse_hex
from wallpaint.errors import CatalogError, ColorError, Source


def _folded(name: str) -> str:
    """Names are compared without case, spaces, hyphens and underscores: "RAL 6019" is "ral6019"."""
    return "".join(character for character in name.casefold() if character not in " -_")


@dataclass(frozen=True)
class Catalog(Mapping[str, Color]):
    """Named colours; looking a name up ignores case and spacing.

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
        """Colours whose name contains every word, in the catalogue's order."""
        wanted = [_folded(word) for word in words.split()]
        return [color for name, color in self.colors.items() if all(word in _folded(name) for word in wanted)]

    def nearest(self, color: Color, count: int = 5) -> list[tuple[Color, float]]:
        """The `count` closest colours with their CIEDE2000, closest first."""
        named = list(self.colors.values())
        if not named:
            return []
        differences = delta_e_2000(np.stack([candidate.lab for candidate in named]), color.lab)
        return [(named[i], float(differences[i])) for i in np.argsort(differences, kind="stable")[:count]]


def nearest_of_all(catalogs: Iterable[Catalog], color: Color, count: int) -> list[tuple[str, Color, float]]:
    """The `count` closest colours of several catalogues, each with its catalogue's title and its CIEDE2000."""
    found = [(each.title, near, delta) for each in catalogs for near, delta in each.nearest(color, count)]
    return sorted(found, key=lambda entry: entry[2])[:count]


def read_catalog(path: Source) -> Catalog:
    """Read a ``name,hex`` CSV file (UTF-8, with that header line).

    Raises
    ------
    CatalogError
        The file is missing, is no text, lacks a column, or a line holds no colour; the line's number is named.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            return Catalog(path.stem, _read_colors(path, lines))
    except FileNotFoundError:
        raise CatalogError(f"{path}: there is no such file. Check the path given to --catalog.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError(f"{path}: not a readable CSV file ({error}). Save it as UTF-8 text.") from None


def _read_colors(path: Path, lines: Iterator[str]) -> dict[str, Color]:
    rows = csv.DictReader(lines, skipinitialspace=True)
    header = [name.strip().lower() for name in rows.fieldnames or []]
    if not {"name", "hex"} <= set(header):
        raise CatalogError(f"{path}: the first line must be name,hex; it is {','.join(header) or 'empty'}.")
    rows.fieldnames = header
    colors = {}
    for row in rows:
        name = (row["name"] or "").strip()
        if not name:
            raise CatalogError(f"{path}, line {rows.line_num}: the colour has no name.")
        try:
            colors[name] = parse_hex((row["hex"] or "").strip(), name=name)
        except ColorError as error:
            raise CatalogError(f"{path}, line {rows.line_num}: {error}") from None
    return colors


@cache
def css_colors() -> Catalog:
    """The 148 named colours of CSS Color Module Level 4, section 6.1."""
    resource = files("wallpaint.color") / "css.csv"
    with resource.open(encoding="utf-8") as lines:
        return Catalog("css", _read_colors(Path("css.csv"), lines))
