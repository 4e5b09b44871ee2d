"""Reading of photo files as sRGB bytes: converts colour spaces, bit depths and transparency."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageCms

from wallpaint.errors import UnreadableImageError, warn_of
from wallpaint.photo.decode import MAX_PIXELS, Decoded, Readable, open_image

_MODE_OF_SPACE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_BAND = 64  # rows
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def read_photo(source: Readable, *, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Read a photo as sRGB bytes.

    Parameters
    ----------
    source : path, bytes, or binary file object
        JPEG, PNG, WebP, TIFF, GIF, BMP or another format that Pillow reads; of several frames the first is read.
    max_pixels : int
        Limit of width × height, checked in the header.

    Returns
    -------
    (H, W, 3) uint8
        sRGB, upright, C-contiguous, writable.

    Raises
    ------
    MissingFileError, UnreadableImageError, ImageTooLargeError
        See `open_image`; also `UnreadableImageError` for floating-point and 32-bit pixels, whose white is unknown.

    Warns
    -----
    WallpaintWarning
        A colour profile is broken or missing (CMYK), a stated colour space cannot be converted, transparency was
        flattened, or further frames were ignored.

    Notes
    -----
    *Colour profiles* are applied with relative colorimetric intent and black point compensation. Colours inside sRGB
    are kept, as colour matching requires; the perceptual intent may change all of them, and matrix profiles (those of
    nearly all cameras and phones) do not define it. Black point compensation keeps dark tones distinct. Colours
    outside sRGB are clipped. A profile within one code value of sRGB changes no byte.

    Without a profile, Adobe RGB by EXIF and the colour spaces of PNG (cICP; gAMA with cHRM) and AVIF (nclx) are
    converted in the same way. A space that cannot be converted (high dynamic range, "uncalibrated" alone) is read as
    sRGB with a warning.

    *Transparency* is flattened over white, on encoded values as browsers and viewers do.

    *16 bits* per channel are reduced to 8.
    """
    decoded = open_image(source, max_pixels=max_pixels)
    color, alpha = _color_and_alpha(decoded)
    profile = decoded.image.info.get("icc_profile")
    if decoded.space is not None:
        profile = decoded.space.profile or profile
        if profile is None:
            warn_of(
                decoded.path,
                f"its colours are {decoded.space.name}, which cannot be converted; they are read as sRGB. "
                "Export it as sRGB to be sure.",
            )
    rgb = np.array(_to_srgb(color, profile, decoded.path))
    return rgb if alpha is None else _flattened(rgb, np.asarray(alpha), decoded.path)


def as_photo(pixels: np.ndarray) -> np.ndarray:
    """Check that an array is a photo, and return it unchanged.

    Raises
    ------
    UnreadableImageError
        The array is not (H, W, 3) uint8, or has no pixels.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3 or pixels.size == 0:
        raise UnreadableImageError(
            None,
            f"a picture must be (height, width, 3) uint8, sRGB; this is {pixels.shape} {pixels.dtype}. Convert it.",
        )
    return pixels


def _color_and_alpha(decoded: Decoded) -> tuple[Image.Image, Image.Image | None]:
    """The picture in mode L, RGB, CMYK or LAB, and its alpha (mode L) or None."""
    image = decoded.image
    if image.mode == "F" or (image.mode == "I" and not _fits_16_bits(image)):
        raise UnreadableImageError(
            decoded.path,
            f"its pixels are {'floating-point numbers' if image.mode == 'F' else '32-bit integers'}, "
            "so the value of white is unknown. Save it with 8 or 16 bits per channel.",
        )
    if image.mode.startswith("I"):
        return Image.fromarray(eight_bits(np.asarray(image))), None
    if image.mode in ("LA", "La"):
        image = image.convert("LA")
        return image.getchannel("L"), image.getchannel("A")
    if image.mode in ("RGBA", "RGBa", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        return image.convert("RGB"), image.getchannel("A")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image, None
    return image.convert("L" if image.mode == "1" else "RGB"), None


def _fits_16_bits(image: Image.Image) -> bool:
    values = np.asarray(image)
    return values.min() >= 0 and values.max() <= 65535


def eight_bits(values: np.ndarray) -> np.ndarray:
    """16-bit values rounded to 8 bits: division by 257, so 65535 → 255."""
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


@cache
def srgb_profile() -> bytes:
    """ICC profile of sRGB; always the same bytes, so that equal pictures give equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes([7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])  # time of creation: 2000-01-01
    return bytes(profile)


def _to_srgb(image: Image.Image, icc: bytes | None, path: str | None) -> Image.Image:
    if icc:
        try:
            return _converted(image, icc)
        except _PROFILE_ERRORS as error:
            reason = " ".join(str(error).split())
            warn_of(path, f"its colour profile cannot be used ({reason}); the profile is ignored.")
    if image.mode == "CMYK":
        warn_of(
            path, "it is CMYK without a usable profile, so its colours are approximate. Export it as sRGB to be sure."
        )
    if image.mode == "LAB":
        return _transformed(image, ImageCms.createProfile("LAB"))
    return image.convert("RGB")


def _converted(image: Image.Image, icc: bytes) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    space = profile.profile.xcolor_space.strip()
    if space == "RGB" and image.mode == "L":
        image = image.convert("RGB")  # a grey picture exported with the editor's RGB profile
    if _MODE_OF_SPACE.get(space) != image.mode:
        raise ValueError(f"it is for {space} pixels, not {image.mode}")
    if image.mode == "RGB" and _is_srgb(profile):
        return image
    return _transformed(image, profile)


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile | ImageCms.core.CmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
        image.mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # None only with inPlace=True
    return converted


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether the profile changes a grid of colours by at most one code value; its name is not reliable."""
    steps = np.linspace(0, 255, 16).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(64, 64, 3)
    moved = np.asarray(_transformed(Image.fromarray(grid), profile))
    return int(np.abs(moved.astype(int) - grid).max()) <= 1


def _flattened(rgb: np.ndarray, alpha: np.ndarray, path: str | None) -> np.ndarray:
    clear = np.count_nonzero(alpha < 255)
    if not clear:
        return rgb
    warn_of(path, f"{clear:,} of {alpha.size:,} pixels are transparent; they are flattened over white.")
    for top in range(0, len(rgb), _BAND):  # in bands: a whole picture in 16 bits would need 20 more bytes per pixel
        band = rgb[top : top + _BAND]
        weight = alpha[top : top + _BAND, :, None].astype(np.uint16)  # 255 × 255 + 128 still fits
        sum_and_1 = band * weight + 255 * (255 - weight) + 128
        band[:] = (sum_and_1 + (sum_and_1 >> 8)) >> 8  # (sum + 127) // 255, faster
    return rgb
