"""Reading of a catalogue's CSV file: encodings, delimiters and columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wallpaint.errors import CatalogError, warn_of

_DELIMITERS = ",;\t|"
_SPREADSHEETS = {b"PK\x03\x04": "an Excel or OpenDocument file", b"\xd0\xcf\x11\xe0": "an old Excel file"}
_NAMED_IN_PATH = re.compile(r"(?P<path>.+)#(?P<name>[^,#]+),(?P<hex>[^,#]+)", re.DOTALL)


def split_columns(path: Path, columns: Sequence[str]) -> tuple[Path, Sequence[str]]:
    """Split ``paints.csv#Label,HTML`` into path and columns; if a file of that exact name exists, return the input."""
    named = _NAMED_IN_PATH.fullmatch(str(path))
    if named is None or path.exists():
        return path, columns
    return Path(named["path"]), (named["name"].strip(), named["hex"].strip())


def rows_of(path: Path, content: bytes, columns: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Line number, name and hex colour of every row that is not empty.

    Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252. Delimiters: comma, semicolon, tab or bar, chosen so
    that the first line has the wanted columns; a ``sep=;`` line before it is accepted.

    Raises
    ------
    CatalogError
        The content is not text, or a column is missing.

    Warns
    -----
    WallpaintWarning
        The file is not Unicode.
    """
    lines = io.StringIO(_text(path, content), newline="")
    skipped = 0
    first = lines.readline()
    if declared := re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE):
        first, skipped = lines.readline(), 1
    wanted = [column.casefold() for column in columns]
    header, delimiter = _header(first, declared[1] if declared else None, wanted)
    if not set(wanted) <= set(header):
        found = ", ".join(cell for cell in header if cell)
        cure = f'If they have other names, give them: --catalog "{path}#{header[0]},HEX".' if found else "Add it."
        raise CatalogError(
            f"{path}: the first line must name the columns {','.join(columns)}; it is {found or 'empty'}. {cure}"
        )
    places = [header.index(column) for column in wanted]
    for number, cells in _records(path, lines, delimiter):
        if any(cell.strip() for cell in cells):
            name, text = (cells[place].strip() if place < len(cells) else "" for place in places)
            yield number + 1 + skipped, name, text


def _text(path: Path, content: bytes) -> str:
    for signature, kind in _SPREADSHEETS.items():
        if content.startswith(signature):
            raise CatalogError(f"{path}: this is {kind}, not a CSV file. Save it as CSV.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            reason = error
            continue
        if "\0" in text:
            raise CatalogError(f"{path}: not a readable CSV file (it holds NUL characters). Save it as UTF-8 text.")
        if encoding == "cp1252":
            warn_of(
                str(path), "it is not UTF-8; it is read as Windows-1252, so accents may be wrong. Save it as UTF-8."
            )
        return text
    raise CatalogError(f"{path}: not a readable CSV file ({reason}). Save it as UTF-8 text.") from None


def _header(line: str, declared: str | None, wanted: list[str]) -> tuple[list[str], str]:
    """Cells of the first line in lower case, and the delimiter that splits it."""

    def cells(delimiter: str) -> list[str]:
        row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        return [cell.strip().casefold() for cell in row] or [""]

    delimiters = [declared] if declared else sorted(_DELIMITERS, key=lambda one: -line.count(one))
    for delimiter in delimiters:
        if set(wanted) <= set(cells(delimiter)):
            return cells(delimiter), delimiter
    return cells(delimiters[0]), delimiters[0]


def _records(path: Path, lines: io.StringIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CatalogError(f"{path}, line {reader.line_num + 1}: {error}. Is a quote left open?") from None
        yield reader.line_num, cells
