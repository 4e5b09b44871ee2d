"""Denoising of Monte Carlo renders with Intel Open Image Denoise, guided by albedo and normals."""

from __future__ import annotations

import numpy as np

from wallpaint.optional import needs_extra
from wallpaint.rooms.tracer import FirstHit

with needs_extra("rooms", "Rendering rooms"):
    import pyoidn


def denoise(image: np.ndarray, features: FirstHit) -> np.ndarray:
    """Denoise (H, W, 3) linear light; returns float32 ≥ 0. `features` must be nearly noise-free.

    Emitters get a white albedo, since only their own light is visible.
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
