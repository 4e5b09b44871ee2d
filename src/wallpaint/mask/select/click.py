"""A click: one point of a photo, marked as wall or as not wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wallpaint.errors import SettingError


@dataclass(frozen=True)
class Click:
    """A point of a photo, marked as wall or as not wall.

    Attributes
    ----------
    row, column : int
        Pixels from the top left, from 0.
    keep : bool
        True for wall, False for anything else.
    """

    row: int
    column: int
    keep: bool = True

    def scaled(self, shape: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, int]:
        """(row, column) of the pixel that contains the click, in a picture of another size.

        shape, target : heights and widths of the photo and of the other picture.
        """
        return (
            int((self.row + 0.5) * target[0] / shape[0]),
            int((self.column + 0.5) * target[1] / shape[1]),
        )


def check_clicks(clicks: Sequence[Click], shape: tuple[int, ...]) -> None:
    """Raise `SettingError` if a click is outside a photo of this height and width."""
    height, width = shape[:2]
    for click in clicks:
        if not (0 <= click.row < height and 0 <= click.column < width):
            raise SettingError(
                f"the click at {click.column},{click.row} lies outside the photo: "
                f"choose 0 to {width - 1} across and 0 to {height - 1} down."
            )
