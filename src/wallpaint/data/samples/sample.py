"""One training sample as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.mask import is_wall
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    import torch
    from torch.utils.data import default_collate

    from wallpaint.diffusion.pixel_values import to_pixel_values


class _Always(TypedDict):
    pixel_values: torch.Tensor
    mask: torch.Tensor
    reference_image: torch.Tensor
    dominant_color: torch.Tensor
    masked_image: torch.Tensor
    name: str


class Sample(_Always, total=False):
    """A training sample. Pictures are float32 in [-1, 1], S pixels a side; `collate` makes batches.

    pixel_values : (3, S, S), the target: the room in the reference's colour.
    mask : (1, S, S), 1 on wall, 0 elsewhere.
    reference_image : (3, 224, 224), a swatch of `dominant_color`.
    dominant_color : (3,) uint8 sRGB, of the target's wall.
    masked_image : (3, S, S), the visible input: 0 on the wall, elsewhere the source (or the target if there is none).
    name : str
    depth : (1, S, S) in [0, 1], near = 1; only if known.
    source_values : (3, S, S), the room before painting; only if known.
    """

    depth: torch.Tensor
    source_values: torch.Tensor


def collate(samples: Sequence[Sample]) -> dict[str, Any]:
    """A batch: torch's default collation of the keys that all samples share.

    A batch therefore has depth only if all its samples have it: an invented map would teach a depth ControlNet errors.
    """
    shared = set(samples[0]).intersection(*samples)
    return default_collate([{key: value for key, value in sample.items() if key in shared} for sample in samples])


def make_sample(
    name: str,
    target: np.ndarray,
    mask: np.ndarray,
    color: tuple[int, int, int],
    reference: ReferenceSettings,
    generator: np.random.Generator,
    *,
    depth: np.ndarray | None = None,
    source: np.ndarray | None = None,
) -> Sample:
    """Build a sample from pictures.

    Parameters
    ----------
    name : str
    target : (S, S, 3) uint8
        sRGB.
    mask : (S, S) float or bool
        Wall is > 0.5.
    color : (R, G, B) integers in [0, 255]
        The wall's colour in `target`. The reference is drawn from it here and cannot be given: a reference cut from the
        photo leaks the target, and a model learns to copy it instead of following a colour.
    reference : ReferenceSettings
    generator : numpy.random.Generator
        For the swatch's texture and light.
    depth : (S, S) float, optional
        [0, 1], near = 1.
    source : (S, S, 3) uint8, optional
        sRGB; the same room before painting. `masked_image` is made from it, as at inference. The target's surroundings
        already reflect the new colour: a model that sees them can ignore the reference.
    """
    wall = is_wall(mask)
    hole = torch.from_numpy(wall)[None]
    pixel_values = to_pixel_values(target)
    source_values = None if source is None else to_pixel_values(source)
    sample: Sample = {
        "pixel_values": pixel_values,
        "mask": hole.float(),
        "reference_image": to_pixel_values(reference.swatch(color, generator)),
        "dominant_color": torch.tensor(color, dtype=torch.uint8),
        "masked_image": (pixel_values if source_values is None else source_values).masked_fill(hole, 0),
        "name": name,
    }
    if depth is not None:
        sample["depth"] = torch.from_numpy(np.ascontiguousarray(depth, np.float32))[None]
    if source_values is not None:
        sample["source_values"] = source_values
    return sample
