"""Decoding of a file to one upright picture, with an error that names the file type if it is not a picture."""

from __future__ import annotations

import io
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, BinaryIO, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from wallpaint.errors import (
    ImageTooLargeError,
    MissingFileError,
    Source,
    UnreadableImageError,
    cure_of,
    reason_of,
    warn_of,
)
from wallpaint.photo.color_space import ColorSpace, stated_space
from wallpaint.photo.quiet_libtiff import quiet_libtiff

MAX_PIXELS = 100_000_000  #: default limit of width × height
MAX_PIPED_BYTES = 1 << 29  #: limit of bytes read from a pipe, which are held in memory
Readable = Source | bytes | bytearray | memoryview | BinaryIO

_FRAMED = {"GIF", "PNG", "WEBP", "TIFF", "AVIF"}  # in MPO and PSD, further frames are previews and layers
_LOSSY = {"JPEG", "MPO", "AVIF", "HEIF", "JXL"}
_TAG_SUBFILE_TYPE, _TAG_DNG_VERSION = 254, 50706

_JPEG_XL = rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"
_HEIC = rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)"
_PLUGINS = {_HEIC: ("pillow_heif", "register_heif_opener"), _JPEG_XL: ("pillow_jxl", None)}
_UNSUPPORTED = [
    (
        _HEIC,
        "a HEIC picture, which Pillow cannot read. Export it as JPEG, or pip install pillow-heif.",
    ),
    (
        _JPEG_XL,
        "a JPEG XL picture, which Pillow cannot read. Export it as JPEG, or pip install pillow-jxl-plugin.",
    ),
    (rb"....ftyp", "a video. Save one frame of it as PNG."),
    (rb"\s*(?:<\?xml.*)?<svg\b|\s*<\?xml.*<svg\b", "an SVG drawing, which has no pixels. Export it as PNG."),
    (rb"\s*<(?:!doctype|html)", "a web page. Download the picture itself."),
    (rb"%PDF-", "a PDF document. Export the page as PNG."),
]


class Decoded(NamedTuple):
    """A decoded picture: first frame, upright, in the stored pixel mode (see Pillow's modes)."""

    image: Image.Image
    lossy: bool  #: lossy codec (JPEG, AVIF, lossy WebP …): values near an edge are approximate
    path: str | None  #: name of the picture in messages
    space: ColorSpace | None = None  #: colour space stated outside an ICC profile; None for sRGB or if not stated


def open_image(source: Readable, *, max_pixels: int = MAX_PIXELS) -> Decoded:
    """Decode the first frame of a picture and turn it upright (EXIF orientation).

    Parameters
    ----------
    source : path, bytes, or binary file object
        A file object is left open. A stream that cannot seek (a pipe, ``/dev/stdin``, an HTTP response) is first read
        to its end, up to `MAX_PIPED_BYTES`.
    max_pixels : int
        Limit of width × height, checked in the header before anything is decoded. Above twice
        ``PIL.Image.MAX_IMAGE_PIXELS`` (2 × 89,478,485 by default) Pillow refuses a picture in any case.

    Raises
    ------
    MissingFileError
        The file does not exist, or is a folder.
    ImageTooLargeError
        The picture has more than `max_pixels`.
    UnreadableImageError
        The file is empty, not a picture, of a kind that Pillow cannot read, truncated, damaged, or endless.

    Warns
    -----
    WallpaintWarning
        Further frames or a broken EXIF block were ignored.
    """
    path = _path_of(source)
    with _opened(source, path) as file:
        image = _identified(file, path, max_pixels)
        try:
            with quiet_libtiff():
                image.load()
        except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError …
            raise UnreadableImageError(
                path,
                f"the picture is truncated or damaged ({_reason(error)}; {_size(file):,} bytes). "
                "Copy or download it again.",
            ) from None
        _warn_of_more_frames(image, path)
        upright = _upright(image, path)  # warns of damaged EXIF, which is parsed once
        return Decoded(upright, _is_lossy(image, file), path, stated_space(image, file))


def image_shape(source: Readable, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """(H, W) in a picture's header, before EXIF orientation; nothing is decoded.

    Raises the errors of `open_image` that concern headers.
    """
    path = _path_of(source)
    with _opened(source, path) as file:
        image = _identified(file, path, max_pixels)
        return image.height, image.width


def _path_of(source: Readable) -> str | None:
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


@contextmanager
def _opened(source: Readable, path: str | None) -> Iterator[BinaryIO]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(source)
    elif isinstance(source, (str, os.PathLike)):
        try:
            file = open(source, "rb")  # noqa: SIM115 - closed below; errors of the caller's block must not land here
        except IsADirectoryError:
            raise MissingFileError(path, "this is a folder, not a picture. Name a file in it.") from None
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise MissingFileError(path, "there is no such file. Check the path.") from None
        except OSError as error:
            if os.path.isdir(source):  # Windows raises PermissionError for a folder
                raise MissingFileError(path, "this is a folder, not a picture. Name a file in it.") from None
            raise UnreadableImageError(
                path, f"the file cannot be opened ({reason_of(error)}). {cure_of(error)}"
            ) from None
        with file:
            yield seekable(file, path)
    elif not hasattr(source, "read"):
        raise UnreadableImageError(
            None, f"a {type(source).__name__} is not a picture. Give a path, bytes, an open file or a numpy array."
        )
    else:
        yield seekable(source, path)


def seekable(file: BinaryIO, path: str | None) -> BinaryIO:
    """The file itself, or its content as a file in memory if it cannot seek.

    Raises
    ------
    UnreadableImageError
        The stream has more than `MAX_PIPED_BYTES`, the file cannot be read, or it was opened as text.
    """
    try:
        start: Any = file.read(0)
        if isinstance(start, str):
            raise UnreadableImageError(path, 'this file is open as text. Open it with mode "rb".')
        can_seek = file.seekable() if hasattr(file, "seekable") else hasattr(file, "seek")
        if can_seek and not _is_endless(file):
            return file
        content = file.read(MAX_PIPED_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: closed already
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise UnreadableImageError(path, f"the file cannot be read ({reason}). Copy it, or open it again.") from None
    if len(content) > MAX_PIPED_BYTES:
        raise UnreadableImageError(
            path, f"this pipe delivers more than {MAX_PIPED_BYTES:,} bytes. Store the picture in a file first."
        )
    return io.BytesIO(content)


def _is_endless(file: BinaryIO) -> bool:
    """Whether it is a character device: /dev/zero reports that it can seek."""
    try:
        return stat.S_ISCHR(os.fstat(file.fileno()).st_mode)
    except (OSError, AttributeError):
        return False


def _identified(file: BinaryIO, path: str | None, max_pixels: int) -> Image.Image:
    """The picture with its header checked; nothing is decoded yet."""
    size = _size(file)
    if size == 0:
        raise UnreadableImageError(path, "the file is empty (0 bytes). Copy or download it again.")
    _load_plugin(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # max_pixels is checked below
            image = Image.open(file)
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\d+", str(error))
        raise _too_large(path, int(pixels[0]) if pixels else None, max_pixels) from None
    except UnidentifiedImageError:
        raise UnreadableImageError(path, _what_it_is(file, size)) from None
    except Exception as error:  # as for load()
        raise UnreadableImageError(
            path, f"the picture's header is damaged ({_reason(error)}; {size:,} bytes). Copy or download it again."
        ) from None
    if image.width * image.height > max_pixels:
        raise _too_large(path, image.width * image.height, max_pixels, f"{image.width:,} × {image.height:,} = ")
    if _is_camera_raw(image):
        raise UnreadableImageError(
            path, "this is a camera raw file, of which only the thumbnail can be read. Export it as JPEG or TIFF."
        )
    return image


def _load_plugin(file: BinaryIO) -> None:
    """Register Pillow's plugin for HEIC or JPEG XL if the file is of that type and the plugin is installed."""
    head = file.read(64)
    file.seek(-len(head), os.SEEK_CUR)
    for pattern, (module, register) in _PLUGINS.items():
        if re.match(pattern, head, re.DOTALL) and find_spec(module) is not None:
            plugin = import_module(module)
            if register is not None:
                getattr(plugin, register)()


def _too_large(path: str | None, pixels: int | None, max_pixels: int, product: str = "") -> ImageTooLargeError:
    stated = f"{product}{pixels:,} pixels" if pixels else "too many pixels"
    if pixels and pixels <= max_pixels:
        return ImageTooLargeError(path, f"its header states {stated}, more than Pillow opens. Scale the picture down.")
    return ImageTooLargeError(
        path,
        f"its header states {stated}; the limit is {max_pixels:,}. Scale it down, or raise max_pixels if you trust it.",
    )


def _size(file: BinaryIO) -> int:
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size


def _what_it_is(file: BinaryIO, size: int) -> str:
    file.seek(0)
    head = file.read(1024)
    for pattern, kind in _UNSUPPORTED:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            return f"this is {kind}"
    with suppress(UnicodeDecodeError):
        if (text := head.decode("utf-8")).isprintable() or not set(text) - set(map(chr, range(32, 127))) - set(
            "\r\n\t"
        ):
            return f"this is text, not a picture ({size:,} bytes). Give a JPEG, PNG, WebP or TIFF file."
    return (
        f"this is not a picture that can be read ({size:,} bytes, the first {head[:8].hex(' ')}). "
        "Give a JPEG, PNG, WebP or TIFF file."
    )


def _is_camera_raw(image: Image.Image) -> bool:
    """Whether it is a raw file (NEF, DNG and others): a TIFF file whose first picture is a thumbnail."""
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    return _TAG_DNG_VERSION in tags or bool(tags.get(_TAG_SUBFILE_TYPE, 0) & 1)


def _is_lossy(image: Image.Image, file: BinaryIO) -> bool:
    if image.format != "WEBP":
        return image.format in _LOSSY
    file.seek(0)
    return b"VP8L" not in file.read(1 << 16)  # chunk of lossless WebP; metadata can come before it


def _warn_of_more_frames(image: Image.Image, path: str | None) -> None:
    several = False
    with suppress(Exception):  # a damaged second frame does not matter: only the first is used
        several = image.format in _FRAMED and bool(getattr(image, "is_animated", False))
    if several:
        warn_of(path, f"this {image.format} holds several pictures; only the first is used.")


def _upright(image: Image.Image, path: str | None) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # EXIF has untrusted offsets, so any error can be raised
        warn_of(path, f"its EXIF data is damaged ({_reason(error)}); its orientation is ignored.")
        return image


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
