"""Linear light on a logarithmic 16-bit scale: multiplying light is adding, and painting is one table look-up a channel.

    log light = 4096 (9 + ln light)

Light is relative to the wall's median. The scale reaches from e⁻⁹ to e⁷ in steps of 0.024 %, thirty-six times finer
than the finest step of 8-bit sRGB, the last one below white.
"""

from __future__ import annotations

import cv2
import numpy as np

STEPS_PER_NEPER = 4096  #: steps of the scale for a factor of e in light
LOG_LIGHT_OF_ONE = 9 * STEPS_PER_NEPER  #: log light of light 1
LOG_LIGHT_COUNT = 1 << 16  #: number of values on the scale
_SAMPLED_PIXELS = 250_000  # enough for a median: its standard error is a few thousandths of the wall's spread
LN_OF_LOG_LIGHT = (np.arange(LOG_LIGHT_COUNT) - LOG_LIGHT_OF_ONE) / STEPS_PER_NEPER  #: ln light of every log light
LINEAR_OF_LOG_LIGHT = np.exp(LN_OF_LOG_LIGHT)  #: light of every log light


def encode_log_light(light: np.ndarray) -> np.ndarray:
    """Light > 0 of any shape → uint16 log light, clipped at the ends of the scale."""
    return np.clip(np.rint(LOG_LIGHT_OF_ONE + STEPS_PER_NEPER * np.log(light)), 0, LOG_LIGHT_COUNT - 1).astype(
        np.uint16
    )


def encode_log_factor(log_factor: np.ndarray) -> np.ndarray:
    """ln of a factor, any shape → int16 difference of log light, clipped at e^±8."""
    return np.clip(np.rint(STEPS_PER_NEPER * log_factor), -32768, 32767).astype(np.int16)


def add_log_factor(log_light: np.ndarray, factor: np.ndarray, share: float) -> np.ndarray:
    """uint16 log light + `share` × int16 `factor`, saturating."""
    return cv2.addWeighted(log_light, 1.0, factor, share, 0.0, dtype=cv2.CV_16U)


def quantile_log_light(log_light: np.ndarray, where: np.ndarray, quantile: float = 0.5) -> int:
    """Quantile of the marked pixels' log light, estimated from at most about 250,000 of them.

    Parameters
    ----------
    log_light : (H, W) uint16
    where : (H, W) uint8
        Not 0 = counts.
    quantile : float
        In [0, 1].
    """
    stride = max(1, int((log_light.size / _SAMPLED_PIXELS) ** 0.5))
    if stride > 1 and where[::stride, ::stride].any():
        log_light, where = (np.ascontiguousarray(plane[::stride, ::stride]) for plane in (log_light, where))
    histogram = cv2.calcHist([log_light], [0], where, [LOG_LIGHT_COUNT], [0, LOG_LIGHT_COUNT]).ravel()
    counts = np.cumsum(histogram, dtype=np.float64)
    return int(np.searchsorted(counts, quantile * counts[-1]))
