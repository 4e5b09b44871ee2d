"""Image files with random damage, read one after another: ``python mutated_files.py FIRST COUNT``.

Prints one JSON object a line: ``{"file": 17}`` before each file, so that who waits for it knows at which one it crashed
or hangs; ``{"file": 17, "fault": "…"}`` for what is not one sentence; at the end ``{"most_seconds", "most_megabytes",
"refused"}``.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import signal
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from bad_inputs import cmyk_profile, encoded, exif_turned, gray_profile, matrix_profile, png_16_bit_rgb
from PIL import Image

from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.mask import read_mask
from wallpaint.photo import read_photo

SECONDS = 10  #: of computing for one file, read as a photo and as a mask; a busy machine is no fault
_ADDRESS_SPACE = 8 << 30
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


class Hang(BaseException):
    """Past all handlers of errors."""


def whole_files() -> list[bytes]:
    """Small pictures of every kind that people have, and of the kinds inside them."""
    rng = np.random.default_rng(0)
    smooth = np.linspace(40, 220, 24)[None, :, None] + np.linspace(-30, 30, 20)[:, None, None]
    pixels = np.clip(smooth + rng.normal(0, 6, (20, 24, 3)), 0, 255).astype(np.uint8)
    photo = Image.fromarray(pixels)
    mask = Image.fromarray((np.mgrid[0:20, 0:24][1] > 11).astype(np.uint8) * 255)
    see_through = photo.convert("RGBA")
    see_through.putalpha(mask)
    cmyk = cmyk_profile({(1, 0, 0, 0): (55.0, -37.0, -50.0)})
    return [
        *(encoded(photo.convert(mode), "PNG") for mode in ("RGB", "RGBA", "L", "LA", "P", "1")),
        encoded(photo, "PNG", icc_profile=matrix_profile()),
        encoded(see_through, "PNG"),
        encoded(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG"),
        png_16_bit_rgb(pixels.astype(np.uint16) * 257),
        encoded(photo, "PNG", **_second_frame(photo)),
        exif_turned(6),
        *(encoded(photo.convert(mode), "JPEG") for mode in ("RGB", "L", "CMYK")),
        encoded(photo, "JPEG", progressive=True, optimize=True, icc_profile=matrix_profile()),
        encoded(photo.convert("CMYK"), "JPEG", icc_profile=cmyk),
        encoded(photo.convert("L"), "JPEG", icc_profile=gray_profile(1.8)),
        exif_turned(5, "JPEG"),
        encoded(photo, "MPO", **_second_frame(photo)),
        *(encoded(photo, "WEBP", lossless=lossless) for lossless in (True, False)),
        encoded(see_through, "WEBP", **_second_frame(see_through)),
        *(encoded(photo, "TIFF", compression=kind) for kind in ("raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg")),
        *(encoded(photo.convert(mode), "TIFF") for mode in ("L", "1", "CMYK", "LAB", "P", "F", "I;16")),
        encoded(photo, "TIFF", **_second_frame(photo)),
        encoded(photo, "GIF"),
        encoded(see_through, "GIF", **_second_frame(see_through)),
        *(encoded(photo.convert(mode), "BMP") for mode in ("RGB", "L", "1")),
        *(encoded(photo, kind) for kind in ("PPM", "TGA", "PCX", "SGI", "ICO", "DDS", "JPEG2000")),
        *(encoded(mask, kind) for kind in ("PNG", "GIF", "JPEG")),
    ]


def _second_frame(photo: Image.Image) -> dict[str, object]:
    """Options of saving; a picture of its own each time, since encoders leave settings in it."""
    return {"save_all": True, "append_images": [photo.transpose(Image.Transpose.ROTATE_180)]}


def mutated(number: int, files: list[bytes]) -> bytes:
    """File `number` of the endless row of damaged ones: always the same."""
    draw = random.Random(number)
    content = bytearray(files[number % len(files)])
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        # Headers decide the most and are the shortest part, so half of the damage is done there.
        place = draw.randrange(min(len(content), 80 if draw.random() < 0.5 else len(content)) or 1)
        length = draw.choice((1, 2, 4, 8, 64))
        match draw.randrange(7):
            case 0:
                content[place] ^= 1 << draw.randrange(8)
            case 1:
                content[place] = draw.choice(_EXTREMES)
            case 2:
                content[place : place + length] = draw.randbytes(length)
            case 3:
                del content[place : place + length]
            case 4:
                content[place:place] = content[place : place + length]
            case 5:
                other = files[draw.randrange(len(files))]
                content[place : place + length] = other[place : place + length]
            case 6:
                del content[draw.randrange(len(content) or 1) :]
        if not content:
            break
    return bytes(content)


def read_all(first: int, count: int) -> None:
    """Read so many damaged files and tell, as the module says."""
    files = whole_files()
    most, refused = 0.0, 0
    signal.signal(signal.SIGPROF, _hang)
    for number in range(first, first + count):
        _tell(file=number)
        content, start = mutated(number, files), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            refused += not _is_read(content)
        except (Exception, Hang) as error:
            _tell(file=number, fault=f"{type(error).__name__}: {error}")
        signal.setitimer(signal.ITIMER_PROF, 0)
        most = max(most, time.process_time() - start)
    _tell(most_seconds=most, most_megabytes=_peak_megabytes(), refused=refused)


def _peak_megabytes():
    """Peak memory of this process; on Linux ru_maxrss also counts the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / (1 << 10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _is_read(content: bytes) -> bool:
    """Whether a file is read as a photo; a refusal is one sentence."""
    try:
        photo = read_photo(io.BytesIO(content))
    except WallpaintError as error:
        if len(str(error).splitlines()) != 1 or not str(error).isprintable():
            raise AssertionError(f"not one line: {error!r}") from None
        return False
    finally:
        with suppress(WallpaintError):
            read_mask(content, (20, 24))
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
        raise AssertionError(f"read as {photo.shape} {photo.dtype}")
    return True


def _hang(*_: object) -> None:
    raise Hang(f"more than {SECONDS} seconds")


def _tell(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the way out of this process


if __name__ == "__main__":
    warnings.simplefilter("ignore", WallpaintWarning)
    warnings.simplefilter("ignore", UserWarning)  # Pillow's own, of metadata
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, resource.getrlimit(resource.RLIMIT_AS)[1]))
    read_all(int(sys.argv[1]), int(sys.argv[2]))
