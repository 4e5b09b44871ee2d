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
    clean = pyoidn.denoise(
        np.ascontiguousarray(np.maximum(image, 0), np.float32),
        np.ascontiguousarray(albedo, np.float32),
        np.ascontiguousarray(np.clip(features.normal, -1, 1), np.float32),
        hdr=True,
        clean_aux=True,
    )
    return np.maximum(np.asarray(clean, np.float32), 0)
