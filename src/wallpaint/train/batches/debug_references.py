"""``--debug-references``: what the model was really shown, as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wallpaint.photo import write_photo


def save_shown(collated: Mapping[str, Any], folder: Path, count: int) -> None:
    """Write ``reference_<i>.png``, ``target_<i>.png``, ``masked_<i>.png``, ``mask_<i>.png`` of a batch's first.

    Raises
    ------
    OutputError
    """
    kinds = {"reference": "reference_image", "target": "pixel_values", "masked": "masked_image"}
    for place in range(min(count, len(collated["mask"]))):
        for kind, key in kinds.items():
            write_photo(folder / f"{kind}_{place}.png", _bytes(collated[key][place]))
        write_photo(folder / f"mask_{place}.png", _bytes(collated["mask"][place].expand(3, -1, -1) * 2 - 1))


def _bytes(picture: torch.Tensor) -> np.ndarray:
    """(3, H, W) in [-1, 1] → (H, W, 3) uint8."""
    return ((picture.permute(1, 2, 0).numpy() + 1) * 127.5).round().clip(0, 255).astype(np.uint8)
