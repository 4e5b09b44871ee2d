"""``--debug-references``: the model's inputs in the first batch, as image files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wallpaint.diffusion.pixel_values import from_pixel_values
from wallpaint.photo import write_photo


def save_batch_images(collated: Mapping[str, Any], folder: Path, count: int) -> None:
    """Write ``reference_<i>.png``, ``target_<i>.png``, ``masked_<i>.png`` and ``mask_<i>.png`` of the first samples.

    collated : a batch of `collate`; count : number of samples to write.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    kinds = {"reference": "reference_image", "target": "pixel_values", "masked": "masked_image"}
    for place in range(min(count, len(collated["mask"]))):
        for kind, key in kinds.items():
            write_photo(folder / f"{kind}_{place}.png", from_pixel_values(collated[key][place]))
        write_photo(folder / f"mask_{place}.png", from_pixel_values(collated["mask"][place].expand(3, -1, -1) * 2 - 1))
