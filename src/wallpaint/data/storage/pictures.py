"""The pictures of one sample, read from and written to files.

Images are 8-bit RGB without a profile, that is sRGB; masks 8-bit grey, 255 = wall; depth 16-bit grey, 65,535 = 1 = near
(see `wallpaint.photo.depth`). Files from other sources may have any format that `read_photo` and `read_mask` read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wallpaint.errors import UnreadableImageError
from wallpaint.mask import read_mask
from wallpaint.photo import png_bytes, read_photo
from wallpaint.photo.decode import Readable, open_image

_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True)
class Pictures:
    """Pictures of a sample: image (H, W, 3) uint8 sRGB; mask (H, W) float32 in [0, 1]; depth (H, W) float32 in
    [0, 1], near = 1, or None."""

    image: np.ndarray
    mask: np.ndarray
    depth: np.ndarray | None


def decode_pictures(image: Readable, mask: Readable, depth: Readable | None) -> Pictures:
    """The pictures of a sample, from paths or from files' bytes; the errors are those of `read_photo` and `read_mask`,
    and `UnreadableImageError` for a depth map of another size."""
    pixels = read_photo(image)
    shape = (pixels.shape[0], pixels.shape[1])
    return Pictures(pixels, read_mask(mask, shape), None if depth is None else _read_depth(depth, shape))


def depth_png(depth: np.ndarray) -> bytes:
    """A depth map, (H, W) float in [0, 1], near = 1, as a 16-bit grey PNG."""
    return png_bytes(np.round(np.clip(depth, 0, 1) * 65535).astype(np.uint16))


def is_whole_png(path: Path) -> bool:
    """Whether a PNG is complete, judged by its last chunk."""
    try:
        with open(path, "rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            return file.read() == _PNG_END
    except OSError:
        return False


def _read_depth(source: Readable, shape: tuple[int, int]) -> np.ndarray:
    decoded = open_image(source)
    image, path = decoded.image, decoded.path
    values = np.asarray(image)
    if values.shape != shape or values.max(initial=0) > 65535:
        size = " × ".join(f"{side:,}" for side in values.shape)
        raise UnreadableImageError(
            path, f"this is no depth map of the image ({size} {values.dtype}, wanted {shape[0]:,} × {shape[1]:,} grey)."
        )
    return values.astype(np.float32) / (255 if values.dtype == np.uint8 else 65535)
