"""Every awkward file a person may give, made by code: what it is, where it goes, and which error (if any) it must meet.

A case's `role` says what to give it as: the ``photo`` (beside a good mask), the ``mask`` (beside the photo that
`room` makes), or the ``output`` of painting that room.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from wallpaint import errors

HEIGHT, WIDTH = 96, 128
DISPLAY_P3 = np.array([[0.680, 0.320], [0.265, 0.690], [0.150, 0.060]])


@dataclass(frozen=True)
class Case:
    """One awkward input."""

    role: Literal["photo", "mask", "output"]
    make: Callable[[Path], Path]  #: writes it into the folder given and returns its path
    error: type[errors.WallpaintError] | None = None  #: None: it is read and painted
    says: str = ""  #: a piece of the error's or the warning's sentence
    warns: bool = False  #: read, with a `WallpaintWarning`


# --- a good room ----------------------------------------------------------------------------------------------------


def room_pixels() -> np.ndarray:
    """(96, 128, 3) uint8: a beige wall in falling light above a brown floor, with a blue picture on it."""
    shade = np.linspace(1.0, 0.75, WIDTH)[None, :, None]
    pixels = np.broadcast_to(np.array([200.0, 180.0, 150.0]) * shade, (HEIGHT, WIDTH, 3)).copy()
    pixels[64:] = np.array([110.0, 80.0, 60.0])
    pixels[20:40, 70:100] = np.array([40.0, 60.0, 120.0])
    return pixels.round().astype(np.uint8)


def wall_mask() -> np.ndarray:
    """(96, 128) uint8, 0 or 255: the wall of `room_pixels`."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:64] = 255
    mask[20:40, 70:100] = 0
    return mask


def room(folder: Path) -> tuple[Path, Path]:
    """A good photo and its good mask."""
    photo, mask = folder / "room.png", folder / "wall.png"
    Image.fromarray(room_pixels()).save(photo)
    Image.fromarray(wall_mask()).save(mask)
    return photo, mask


# --- by hand, where no library would write such a thing -------------------------------------------------------------


def png(width: int, height: int, depth: int, color_type: int, rows: bytes, *further: tuple[bytes, bytes]) -> bytes:
    """A PNG file from its raw, unfiltered rows (each led by a 0); `further` chunks go before the pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    chunks = [(b"IHDR", header), *further, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in chunks)


def png_16_bit_rgb(pixels: np.ndarray) -> bytes:
    """(H, W, 3) uint16 as PNG, which Pillow reads but does not write."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(pixels.shape[1], pixels.shape[0], 16, 2, rows)


def _tag(kind: bytes, body: bytes) -> bytes:
    return kind + bytes(4) + body


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """An ICC v2 profile (ICC.1:2001-04) from its tags."""
    description = b"wallpaint test"
    text = struct.pack(">I", len(description) + 1) + description + bytes(1 + 8 + 3 + 67)
    tags = {b"desc": _tag(b"desc", text), b"cprt": _tag(b"text", b"none\0"), **tags}
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    header = struct.pack(">I4xI4s4s4s12x4s", offset + len(body), 0x02400000, kind, space, connection, b"acsp")
    header = (header + bytes(28) + _fixed(0.9642, 1.0, 0.8249)).ljust(128, b"\0")
    return header + table + body


def matrix_profile(primaries_xy: np.ndarray = DISPLAY_P3) -> bytes:
    """An RGB profile of these primaries, D65 white and the sRGB transfer curve, as phones embed Display P3."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

    def xyz(xy: np.ndarray) -> np.ndarray:
        return np.array([xy[0] / xy[1], 1.0, (1 - xy[0] - xy[1]) / xy[1]])

    white, d50 = xyz(np.array([0.3127, 0.3290])), np.array([0.9642, 1.0, 0.8249])
    columns = np.stack([xyz(xy) for xy in primaries_xy], axis=1)
    columns = columns * np.linalg.solve(columns, white)
    adapted = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ white)) @ bradford @ columns
    curve = np.linspace(0, 1, 1024)
    curve = np.where(curve <= 0.04045, curve / 12.92, ((curve + 0.055) / 1.055) ** 2.4)
    response = _tag(b"curv", struct.pack(">I", 1024) + (curve * 65535).round().astype(">u2").tobytes())
    tags = {b"wtpt": _tag(b"XYZ ", _fixed(*d50))}
    for i, letter in enumerate((b"r", b"g", b"b")):
        tags[letter + b"XYZ"] = _tag(b"XYZ ", _fixed(*adapted[:, i]))
        tags[letter + b"TRC"] = response
    return _profile(b"RGB ", b"XYZ ", tags)


def gray_profile(gamma: float) -> bytes:
    """A grey profile with a pure power curve."""
    curve = _tag(b"curv", struct.pack(">IH", 1, round(gamma * 256)))
    return _profile(b"GRAY", b"XYZ ", {b"wtpt": _tag(b"XYZ ", _fixed(0.9642, 1.0, 0.8249)), b"kTRC": curve})


def cmyk_profile(corner_lab: Mapping[tuple[int, int, int, int], tuple[float, float, float]]) -> bytes:
    """A CMYK profile: the CIELAB D50 of the 16 corners of the ink cube, white where none is given."""
    corners = b""
    for corner in np.ndindex(2, 2, 2, 2):
        lightness, a, b = corner_lab.get(corner, (100.0, 0.0, 0.0))
        corners += bytes([round(lightness * 2.55), round(a + 128), round(b + 128)])
    ramp = bytes(range(256))
    lut = struct.pack(">BBBx", 4, 3, 2) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4 + corners + ramp * 3
    return _profile(
        b"CMYK", b"Lab ", {b"wtpt": _tag(b"XYZ ", _fixed(0.9642, 1.0, 0.8249)), b"A2B0": _tag(b"mft1", lut)}
    )


# --- files ----------------------------------------------------------------------------------------------------------


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _write(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def _picture(name: str, image: Image.Image, kind: str, **options: object) -> Callable[[Path], Path]:
    return _write(name, encoded(image, kind, **options))


def _photo(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(room_pixels()).convert(mode)


def _mask(pixels: np.ndarray | None = None) -> Image.Image:
    return Image.fromarray(wall_mask() if pixels is None else pixels)


def _folder(folder: Path) -> Path:
    (folder / "photos.jpg").mkdir()
    return folder / "photos.jpg"


def _palette_with_transparency() -> Image.Image:
    image = _photo().quantize(16)
    image.info["transparency"] = image.getpixel((80, 30))
    return image


def _turned(orientation: int) -> tuple[Image.Image, Image.Exif]:
    """The room stored so that EXIF `orientation` turns it upright."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[274] = orientation
    image = _photo()
    return (image.transpose(undo[orientation]) if orientation in undo else image), exif


def exif_turned(orientation: int, kind: str = "PNG") -> bytes:
    image, exif = _turned(orientation)
    return encoded(image, kind, exif=exif)


def _animation() -> bytes:
    return encoded(_photo(), "GIF", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT), "red")])


def _bomb(side: int = 50_000) -> bytes:
    return png(side, side, 8, 2, bytes(64))


def _rgb_mask(wall: tuple[int, int, int], rest: tuple[int, int, int]) -> Image.Image:
    return Image.fromarray(np.where(wall_mask()[..., None] > 0, np.array(wall), np.array(rest)).astype(np.uint8))


def _many_colors() -> Image.Image:
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH] * 2
    return Image.fromarray(np.stack([across, down, 255 - across], axis=-1).astype(np.uint8))


def _alpha_mask() -> Image.Image:
    image = Image.new("RGBA", (WIDTH, HEIGHT), (255, 0, 255, 255))
    image.putalpha(_mask())
    return image


def _resized_mask(width: int, height: int) -> Image.Image:
    return Image.fromarray(cv2.resize(wall_mask(), (width, height), interpolation=cv2.INTER_NEAREST))


def _below_a_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text("a regular file")
    return folder / "notes.txt" / "painted.png"


def _output_folder(folder: Path) -> Path:
    (folder / "painted.png").mkdir()
    return folder / "painted.png"


def _output_is_the_photo(folder: Path) -> Path:
    return room(folder)[0]


def _output_links_to_the_photo(folder: Path) -> Path:
    link = folder / "painted.png"
    link.symlink_to(room(folder)[0])
    return link


_JPEG = encoded(_photo(), "JPEG")
_PNG = encoded(_photo(), "PNG")
_UNREADABLE, _MISSING = errors.UnreadableImageError, errors.MissingFileError

CASES: dict[str, Case] = {
    # photos that cannot be
    "truncated JPEG": Case("photo", _write("cut.jpg", _JPEG[: len(_JPEG) * 9 // 10]), _UNREADABLE, "truncated"),
    "truncated PNG": Case("photo", _write("cut.png", _PNG[: len(_PNG) // 2]), _UNREADABLE, "truncated"),
    "JPEG cut in its header": Case("photo", _write("head.jpg", _JPEG[:200]), _UNREADABLE, "200 bytes"),
    "zero-byte photo": Case("photo", _write("empty.jpg", b""), _UNREADABLE, "0 bytes"),
    "text renamed .png": Case("photo", _write("notes.png", b"buy paint\n"), _UNREADABLE, "this is text"),
    "noise renamed .jpg": Case("photo", _write("noise.jpg", bytes([200, 7]) * 50), _UNREADABLE, "100 bytes"),
    "missing photo": Case("photo", lambda folder: folder / "nowhere.jpg", _MISSING, "no such file"),
    "path below a file": Case("photo", _below_a_file, _MISSING, "no such file"),
    "folder as photo": Case("photo", _folder, _MISSING, "a folder"),
    "HEIC photo": Case("photo", _write("room.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), _UNREADABLE, "HEIC"),
    "video": Case("photo", _write("room.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp41"), _UNREADABLE, "a video"),
    "SVG drawing": Case("photo", _write("room.svg", b'<?xml version="1.0"?>\n<svg/>'), _UNREADABLE, "SVG"),
    "web page saved as .jpg": Case("photo", _write("page.jpg", b"<!DOCTYPE html><html>"), _UNREADABLE, "web page"),
    "PDF document": Case("photo", _write("room.pdf", b"%PDF-1.7\n"), _UNREADABLE, "PDF"),
    "decompression bomb": Case("photo", _write("bomb.png", _bomb()), errors.ImageTooLargeError, "2,500,000,000"),
    "photo over the limit": Case("photo", _write("big.png", _bomb(11_000)), errors.ImageTooLargeError, "100,000,000"),
    "floating-point TIFF": Case(
        "photo", _picture("float.tif", Image.new("F", (WIDTH, HEIGHT), 0.5), "TIFF"), _UNREADABLE, "floating-point"
    ),
    "camera raw thumbnail": Case(
        "photo", _picture("room.nef", _photo(), "TIFF", tiffinfo={254: 1}), _UNREADABLE, "raw file"
    ),
    # photos that are only unusual
    "CMYK JPEG": Case("photo", _picture("cmyk.jpg", _photo("CMYK"), "JPEG"), says="CMYK", warns=True),
    "16-bit grey PNG": Case(
        "photo", _picture("grey16.png", Image.fromarray(np.asarray(_photo("L")).astype(np.uint16) * 257), "PNG")
    ),
    "16-bit RGB PNG": Case("photo", _write("rgb16.png", png_16_bit_rgb(room_pixels().astype(np.uint16) * 257))),
    "palette PNG with transparency": Case(
        "photo", _picture("palette.png", _palette_with_transparency(), "PNG"), says="transparent", warns=True
    ),
    "RGBA PNG, opaque": Case("photo", _picture("opaque.png", _photo("RGBA"), "PNG")),
    "grayscale JPEG": Case("photo", _picture("grey.jpg", _photo("L"), "JPEG")),
    "EXIF-rotated JPEG": Case("photo", _write("turned.jpg", exif_turned(6, "JPEG"))),
    "Display P3 photo": Case("photo", _picture("p3.png", _photo(), "PNG", icc_profile=matrix_profile())),
    "broken colour profile": Case(
        "photo", _picture("icc.png", _photo(), "PNG", icc_profile=b"no profile"), says="profile", warns=True
    ),
    "animated GIF": Case("photo", _write("moving.gif", _animation()), says="several pictures", warns=True),
    # masks
    "mask of another size": Case(
        "mask", _picture("half.png", _resized_mask(64, 48), "PNG"), says="64 × 48", warns=True
    ),
    "mask of another aspect": Case(
        "mask", _picture("square.png", _resized_mask(96, 96), "PNG"), errors.MaskSizeError, "96 × 96"
    ),
    "turned mask": Case("mask", _picture("turn.png", _resized_mask(96, 128), "PNG"), errors.MaskSizeError, "Rotate"),
    "empty mask": Case(
        "mask", _picture("empty.png", _mask(wall_mask() * 0), "PNG"), errors.EmptyMaskError, "0 of 12,288"
    ),
    "full mask": Case(
        "mask", _picture("full.png", _mask(wall_mask() | 255), "PNG"), errors.FullMaskError, "12,288 of 12,288"
    ),
    "inverted-looking mask": Case(
        "mask", _picture("inverted.png", _mask(255 - wall_mask()), "PNG"), says="--invert-mask", warns=True
    ),
    "grey RGB mask": Case("mask", _picture("rgb.png", _mask().convert("RGB"), "PNG")),
    "coloured mask": Case(
        "mask", _picture("red.png", _rgb_mask((255, 0, 0), (0, 0, 0)), "PNG"), says="#ff0000", warns=True
    ),
    "alpha-channel mask": Case("mask", _picture("alpha.png", _alpha_mask(), "PNG")),
    "1-bit mask": Case("mask", _picture("bits.png", _mask().convert("1"), "PNG")),
    "palette mask": Case("mask", _picture("palette.png", _mask().convert("P"), "PNG")),
    "16-bit mask": Case("mask", _picture("mask16.png", Image.fromarray(wall_mask().astype(np.uint16) * 257), "PNG")),
    "mask of 0 and 1": Case(
        "mask", _picture("ones.png", _mask(wall_mask() // 255), "PNG"), says="1 of 255", warns=True
    ),
    "JPEG mask": Case("mask", _picture("wall.jpg", _mask(), "JPEG", quality=60)),
    "photo given as mask": Case("mask", _picture("sunset.png", _many_colors(), "PNG"), errors.MaskError, "two colours"),
    "missing mask": Case("mask", lambda folder: folder / "nowhere.png", _MISSING, "no such file"),
    # outputs
    "output below a file": Case("output", _below_a_file, errors.OutputError, "cannot be written"),
    "folder as output": Case("output", _output_folder, errors.OutputError, "a folder"),
    "output of unknown format": Case("output", lambda folder: folder / "painted.bmp", errors.OutputError, ".bmp"),
    "output without extension": Case("output", lambda folder: folder / "painted", errors.OutputError, "no extension"),
    "output equal to input": Case("output", _output_is_the_photo, errors.OutputError, "the photo itself"),
    "output linked to input": Case("output", _output_links_to_the_photo, errors.OutputError, "the photo itself"),
}


def cases(role: str, *, fails: bool) -> list[str]:
    """Names of the cases of this role that end in an error, or of those that do not."""
    return [name for name, case in CASES.items() if case.role == role and (case.error is not None) == fails]
