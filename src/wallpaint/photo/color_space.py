"""Colour spaces stated without an ICC profile: in EXIF (Adobe RGB), PNG chunks cICP, gAMA and cHRM, AVIF box nclx.

A space that can be converted becomes an ICC profile of primaries and a curve; `read` applies it like an embedded one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

Chromaticities = tuple[float, ...]  # x, y of white, red, green, blue

_D65 = (0.3127, 0.3290)
_SRGB: Chromaticities = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADOBE: Chromaticities = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {  # ITU-T H.273, table 2
    1: _SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_ADOBE_GAMMA = 563 / 256  # Adobe RGB (1998), section 4.3.4.2
_SRGB_GAMMA = 1 / 0.45455  # PNG files state this gamma for sRGB
_SAME = 0.003  # tolerance of chromaticities (gamma: 1 %): rounding in the file
_EXIF, _INTEROPERABILITY, _COLOR_SPACE, _INDEX = 0x8769, 0xA005, 0xA001, 1
_HEAD = 1 << 16  # bytes at the start of an AVIF or HEIC file that are searched for the colr box
_CURVE_POINTS = 4096


class ColorSpace(NamedTuple):
    """A colour space other than sRGB that a file states.

    Attributes
    ----------
    name : str
        Name in messages.
    profile : bytes or None
        ICC profile for the conversion to sRGB; None if the space cannot be converted.
    """

    name: str
    profile: bytes | None


def stated_space(image: Image.Image, file: BinaryIO) -> ColorSpace | None:
    """Colour space that a picture's file states outside an ICC profile; None for sRGB or if nothing is stated.

    Order of precedence as in the PNG specification (third edition, section 4.3): cICP, then an ICC profile (None is
    returned), sRGB, gAMA with cHRM; EXIF comes last.
    """
    codes = _png_codes(file) if image.format == "PNG" else _nclx_codes(image, file)
    if codes is not None:
        return _of_codes(*codes)
    if image.info.get("icc_profile") or "srgb" in image.info:
        return None
    if image.format == "PNG" and ("gamma" in image.info or "chromaticity" in image.info):
        return _of_gamma(image.info.get("gamma"), image.info.get("chromaticity"))
    return _of_exif(image)


def _png_codes(file: BinaryIO) -> tuple[int, int, bool] | None:
    """Primaries, transfer function and full-range flag of the cICP chunk; None if there is no such chunk."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"cICP" and length == 4:
            primaries, transfer, _, full = file.read(4)
            return primaries, transfer, bool(full)
        if kind in (b"IDAT", b"IEND"):
            return None
        file.seek(length + 4, 1)
    return None


def _nclx_codes(image: Image.Image, file: BinaryIO) -> tuple[int, int, bool] | None:
    """Primaries and transfer function of the colr box of an AVIF or HEIC file; the decoder has applied its range."""
    if image.format not in ("AVIF", "HEIF"):
        return None
    file.seek(0)
    found = file.read(_HEAD)
    at = found.find(b"colrnclx")
    if at < 0 or len(found) < at + 12:
        return None
    primaries, transfer = struct.unpack(">HH", found[at + 8 : at + 12])
    return primaries, transfer, True


def _of_codes(primaries: int, transfer: int, full_range: bool) -> ColorSpace | None:
    if primaries == 2 and transfer == 2:
        return None  # unspecified
    curve = _CURVES.get(transfer)
    chromaticities = _PRIMARIES.get(primaries)
    name = f"primaries {primaries} and transfer {transfer} of ITU-T H.273"
    if transfer in (16, 18):
        return ColorSpace(f"{name}, which are high dynamic range ({'PQ' if transfer == 16 else 'HLG'})", None)
    if not full_range:
        return ColorSpace(f"{name} in narrow range", None)
    if curve is None or chromaticities is None:
        return ColorSpace(name, None)
    is_srgb = primaries == 1 and transfer in (1, 6, 13, 14, 15)  # viewers show BT.709 pictures as sRGB
    return None if is_srgb else ColorSpace(name, matrix_profile(chromaticities, curve))


def _of_gamma(gamma: float | None, chromaticities: Chromaticities | None) -> ColorSpace | None:
    """Colour space of gAMA (1 / exponent) and cHRM; None for sRGB. About 0.45455 means the sRGB curve."""
    exponent = _SRGB_GAMMA if not gamma else 1 / gamma
    if not 0.2 <= exponent <= 5:
        return ColorSpace(f"a gamma of {exponent:.3g}", None)
    primaries = tuple(chromaticities) if chromaticities else _SRGB
    if min(primaries[1::2]) <= 0:
        return ColorSpace("invalid chromaticities", None)
    has_curve = abs(exponent / _SRGB_GAMMA - 1) < 0.01
    if has_curve and np.abs(np.subtract(primaries, _SRGB)).max() < _SAME:
        return None
    name = f"a gamma of {exponent:.3g}" + ("" if not chromaticities else " and other chromaticities")
    try:
        return ColorSpace(name, matrix_profile(primaries, _srgb_curve if has_curve else _power(exponent)))
    except (np.linalg.LinAlgError, struct.error, OverflowError):
        return ColorSpace(name, None)  # the chromaticities span no colour space


def _of_exif(image: Image.Image) -> ColorSpace | None:
    """Adobe RGB as marked by cameras (DCF 2.0: "uncalibrated", interoperability index R03), or "uncalibrated" alone."""
    try:
        exif = image.getexif()
        block = exif.get_ifd(_EXIF)
        space = block.get(_COLOR_SPACE)
        index = str(exif.get_ifd(_INTEROPERABILITY).get(_INDEX, "")) if _INTEROPERABILITY in block else ""
    except Exception:  # EXIF has untrusted offsets, so any error can be raised; `_upright` of decode warns of it
        return None
    if space == 2 or (space == 0xFFFF and index.startswith("R03")):
        return ColorSpace("Adobe RGB", matrix_profile(_ADOBE, _power(_ADOBE_GAMMA)))
    return ColorSpace("uncalibrated", None) if space == 0xFFFF else None


def _power(exponent: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda encoded: encoded**exponent


def _srgb_curve(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _bt709_curve(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded < 0.081, encoded / 4.5, ((encoded + 0.099) / 1.099) ** (1 / 0.45))


_CURVES: dict[int, Callable[[np.ndarray], np.ndarray]] = {  # ITU-T H.273, table 3
    1: _bt709_curve,
    4: _power(2.2),
    5: _power(2.8),
    6: _bt709_curve,
    8: _power(1.0),
    13: _srgb_curve,
    14: _bt709_curve,
    15: _bt709_curve,
}


def matrix_profile(chromaticities: Chromaticities, curve: Callable[[np.ndarray], np.ndarray]) -> bytes:
    """ICC v2 RGB profile (ICC.1:2001-04) of primaries and a curve, adapted to D50 with the Bradford matrix.

    chromaticities : x, y of white, red, green and blue; curve : encoded in [0, 1] → linear in [0, 1].
    """
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    xy = np.reshape(chromaticities, (4, 2))
    white, *primaries = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in xy)
    columns = np.stack(primaries, axis=1)
    columns = columns * np.linalg.solve(columns, white)
    d50 = np.array([0.9642, 1.0, 0.8249])
    columns = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ white)) @ bradford @ columns
    samples = np.clip(np.rint(65535 * curve(np.linspace(0, 1, _CURVE_POINTS))), 0, 65535).astype(">u2").tobytes()
    response = b"curv" + bytes(4) + struct.pack(">I", _CURVE_POINTS) + samples
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 6) + b"stated" + bytes(79),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(d50),
    }
    for letter, column in zip(b"rgb", columns.T, strict=True):
        tags[bytes([letter]) + b"XYZ"] = _xyz(column)
        tags[bytes([letter]) + b"TRC"] = response
    table, body, offset = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4xI4s4s4s12x4s", offset + len(body), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = (header + bytes(28) + _xyz(d50)[8:]).ljust(128, b"\0")
    return header + table + body


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(value) * 65536) for value in values))
