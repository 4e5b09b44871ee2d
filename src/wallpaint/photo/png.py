"""PNG files in memory, without an ICC profile."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def png_bytes(pixels: np.ndarray) -> bytes:
    """PNG file of (H, W, 3) or (H, W) uint8, or (H, W) uint16."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def mask_picture(mask: np.ndarray) -> np.ndarray:
    """Mask (H, W) float in [0, 1] → (H, W) uint8 grey in [0, 255]."""
    return np.round(np.clip(mask, 0, 1) * 255).astype(np.uint8)


def mask_png(mask: np.ndarray) -> bytes:
    """8-bit grey PNG file of a mask, (H, W) float in [0, 1]."""
    return png_bytes(mask_picture(mask))
