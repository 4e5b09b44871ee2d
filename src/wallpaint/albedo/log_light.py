"""Light on a logarithmic scale in 16 bits: multiplying light is adding codes, and painting is one table a channel.

code = 4096 (9 + ln light), light relative to the middle of the wall: from e⁻⁹ to e⁷ in steps of 0.024 %,
thirty-six times finer than the finest step of 8-bit sRGB, the last one below white.
"""

from __future__ import annotations

import cv2
import numpy as np

CODES_PER_NEPER = 4096  #: codes for a factor of e
UNIT_CODE = 9 * CODES_PER_NEPER  #: the code of light 1
CODE_COUNT = 1 << 16
_ENOUGH = 250_000  # pixels to tell a median from: its error is then a few thousandths of the wall's spread
LOG_OF_CODE = (np.arange(CODE_COUNT) - UNIT_CODE) / CODES_PER_NEPER  #: ln light of every code
LIGHT_OF_CODE = np.exp(LOG_OF_CODE)


def log_codes(light: np.ndarray) -> np.ndarray:
    """Light > 0, any shape → uint16 codes, clipped at the ends of the scale."""
    return np.clip(np.rint(UNIT_CODE + CODES_PER_NEPER * np.log(light)), 0, CODE_COUNT - 1).astype(np.uint16)


def encode_shift(log_factor: np.ndarray) -> np.ndarray:
    """ln of a factor, any shape → int16 difference of codes, clipped at e^±8."""
    return np.clip(np.rint(CODES_PER_NEPER * log_factor), -32768, 32767).astype(np.int16)


def shifted(codes: np.ndarray, shift: np.ndarray, share: float) -> np.ndarray:
    """uint16 codes + share × int16 shift, saturating."""
    return cv2.addWeighted(codes, 1.0, shift, share, 0.0, dtype=cv2.CV_16U)


def quantile_code(codes: np.ndarray, where: np.ndarray, quantile: float = 0.5) -> int:
    """The code below which a share of the marked pixels lies, told from a quarter of a million of them.

    codes : (H, W) uint16; where : (H, W) uint8, not 0 = counts.
    """
    stride = max(1, int((codes.size / _ENOUGH) ** 0.5))
    if stride > 1 and where[::stride, ::stride].any():
        codes, where = (np.ascontiguousarray(plane[::stride, ::stride]) for plane in (codes, where))
    counts = np.cumsum(cv2.calcHist([codes], [0], where, [CODE_COUNT], [0, CODE_COUNT]).ravel(), dtype=np.float64)
    return int(np.searchsorted(counts, quantile * counts[-1]))
