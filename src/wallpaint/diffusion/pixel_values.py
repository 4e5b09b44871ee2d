"""Images as uint8 arrays to the [-1, 1] tensors that the VAE and the image encoder read, and back."""

from __future__ import annotations

import numpy as np
import torch


def to_pixel_values(image: np.ndarray | torch.Tensor) -> torch.Tensor:
    """(..., H, W, C) uint8 → (..., C, H, W) float32 in [-1, 1], contiguous.

    >>> to_pixel_values(np.array([[[0, 51, 255]]], np.uint8)).flatten().tolist() == [-1.0, np.float32(-0.6), 1.0]
    True
    """
    pixels = torch.tensor(image) if isinstance(image, np.ndarray) else image  # a copy, since arrays may be read-only
    return pixels.movedim(-1, -3).contiguous().float() / 127.5 - 1


def from_pixel_values(values: torch.Tensor) -> np.ndarray:
    """(..., C, H, W) in [-1, 1] → (..., H, W, C) uint8, rounded and clipped.

    >>> from_pixel_values(torch.tensor([-1.5, -0.6, 1.0]).view(3, 1, 1)).tolist()
    [[[0, 51, 255]]]
    """
    pixels = ((values.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.movedim(-3, -1).contiguous().cpu().numpy()
