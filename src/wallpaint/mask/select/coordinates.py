"""Parsing of points and corners written as "x,y" (across, then down)."""

from __future__ import annotations

from wallpaint.errors import SettingError, quoted

_POINT, _CORNERS = 60, 100_000  # characters: longer text is no point, and no outline that a person or a tool drew


def parse_point(text: str) -> tuple[int, int]:
    """(row, column) of "x,y". Raises `SettingError`.

    >>> parse_point("420,180")
    (180, 420)
    """
    try:
        column, row = (int(number) for number in _at_most(_POINT, text).split(","))
    except ValueError:
        raise SettingError(
            f"a point is two whole numbers such as 420,180 (across, then down); it was {quoted(text)}."
        ) from None
    return row, column


def parse_corners(text: str) -> list[tuple[float, float]]:
    """(row, column) of each corner in "x,y x,y x,y". Raises `SettingError`.

    >>> parse_corners("10,20 300,20 300,200")
    [(20.0, 10.0), (20.0, 300.0), (200.0, 300.0)]
    """
    try:
        pairs = [
            tuple(float(number) for number in pair.split(","))
            for pair in _at_most(_CORNERS, text).replace(";", " ").split()
        ]
        return [(row, column) for column, row in pairs]
    except ValueError:
        raise SettingError(
            f'a polygon is three corners or more in one pair of quotes: "10,20 300,20 300,200"; it was {quoted(text)}.'
        ) from None


def _at_most(length: int, text: str) -> str:
    if len(text) > length:
        raise ValueError
    return text
