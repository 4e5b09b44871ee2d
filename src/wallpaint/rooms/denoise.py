"""Monte Carlo noise out, edges kept: Intel Open Image Denoise with albedo and normals as guides."""

from __future__ import annotations

import numpy as np

from wallpaint.optional import needs_extra
from wallpaint.rooms.tracer import FirstHit

with needs_extra("rooms", "Rendering rooms"):
    import pyoidn


def denoise(image: np.ndarray, features: FirstHit) -> np.ndarray:
    """(H, W, 3) float32 linear light ≥ 0 without its noise; `features` are nearly noise-free (first hits are cheap).

    Glowing things count as white, since all they show is their own light.
    """
    albedo = np.clip(features.albedo + features.relief + features.emitter[..., None], 0, 1)
    return remove_noise(image, albedo, features.normal)


def remove_noise(image: np.ndarray, albedo: np.ndarray, normal: np.ndarray, quality: str = "high") -> np.ndarray:
    """(H, W, 3) float32 linear light ≥ 0 without its noise, by guides (H, W, 3) that have none.

    `quality` is Open Image Denoise's: high, balanced or fast.
    """
    clean = pyoidn.denoise(
        np.ascontiguousarray(np.maximum(image, 0), np.float32),
        np.ascontiguousarray(np.clip(albedo, 0, 1), np.float32),
        np.ascontiguousarray(np.clip(normal, -1, 1), np.float32),
        hdr=True,
        clean_aux=True,
        quality=quality,
    )
    return np.maximum(np.asarray(clean, np.float32), 0)
