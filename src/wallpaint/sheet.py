"""Contact sheets: before and after, and captioned pictures in rows."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from wallpaint.color import Color
from wallpaint.errors import Source
from wallpaint.painter import Repaint
from wallpaint.photo import write_photo
from wallpaint.reference import median_color

_MARGIN, _CAPTION = 12, 30
_PAPER, _INK = (255, 255, 255), (30, 30, 30)
_PLAIN = str.maketrans({"Δ": "d", "×": "x", "–": "-", "→": ">", "ß": "ss"})

Captioned = tuple[str, Image.Image]


def thumbnail(pixels: np.ndarray, longest: int = 480) -> Image.Image:
    """A picture shrunk to at most `longest` pixels on its longer side. pixels : (H, W, 3) uint8."""
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image


def swatch(color: Color, size: tuple[int, int]) -> Image.Image:
    """A plain picture of a colour, (width, height)."""
    return Image.new("RGB", size, color.rgb8)


def contact_sheet(pictures: Sequence[Captioned], columns: int | None = None) -> np.ndarray:
    """Captioned pictures in rows.

    Parameters
    ----------
    pictures : sequence of (caption, PIL image)
        One or more, of any sizes.
    columns : int, optional
        If not given, the number that makes the sheet nearly square.

    Returns
    -------
    (H, W, 3) uint8
    """
    columns = min(columns or math.ceil(math.sqrt(len(pictures))), len(pictures))
    width = max(image.width for _, image in pictures)
    height = max(image.height for _, image in pictures)
    rows = math.ceil(len(pictures) / columns)
    cell = (width + _MARGIN, height + _CAPTION + _MARGIN)
    sheet = Image.new("RGB", (columns * cell[0] + _MARGIN, rows * cell[1] + _MARGIN), _PAPER)
    for place, (caption, image) in enumerate(pictures):
        _place(sheet, caption, image, _MARGIN + place % columns * cell[0], _MARGIN + place // columns * cell[1])
    return np.asarray(sheet)


def before_and_after(painted: Repaint, longest: int = 720) -> np.ndarray:
    """The photo, the reference, and the painted photo with its measured difference; (H, W, 3) uint8."""
    before, after = thumbnail(painted.photo, longest), thumbnail(painted.image, longest)
    patch = swatch(painted.color, (after.height // 3, after.height))
    delta = painted.metrics["delta_e_2000_median"]
    captions = [
        (f"before  {median_color(painted.photo, painted.region.is_wall).hex}", before),
        (painted.color.hex, patch),
        (f"after  CIEDE2000 of the wall's median to the reference: {delta:.2f}", after),
    ]
    return row(captions)


def row(pictures: Sequence[Captioned]) -> np.ndarray:
    """Captioned pictures side by side, each as wide as it is; (H, W, 3) uint8."""
    width = sum(image.width + _MARGIN for _, image in pictures) + _MARGIN
    height = max(image.height for _, image in pictures) + _CAPTION + 2 * _MARGIN
    sheet = Image.new("RGB", (width, height), _PAPER)
    left = _MARGIN
    for caption, image in pictures:
        _place(sheet, caption, image, left, _MARGIN)
        left += image.width + _MARGIN
    return np.asarray(sheet)


def save_sheet(sheet: np.ndarray, path: Source, source: Source | None = None) -> Path:
    """Write a sheet; never over the photo it shows. Raises `OutputError`."""
    write_photo(path, sheet, source=source)
    return Path(path)


def _place(sheet: Image.Image, caption: str, image: Image.Image, left: int, top: int) -> None:
    sheet.paste(image, (left, top))
    font = ImageFont.load_default(size=15)
    ImageDraw.Draw(sheet).text((left, top + image.height + 5), _plain(caption), fill=_INK, font=font)


def _plain(caption: str) -> str:
    """A caption in ASCII, which Pillow's own font has: accents are removed, other characters become "?"."""
    letters = unicodedata.normalize("NFKD", caption.translate(_PLAIN))
    return (
        "".join(letter for letter in letters if not unicodedata.combining(letter)).encode("ascii", "replace").decode()
    )
