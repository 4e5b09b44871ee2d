"""A photo cut to a sample; now and then with its wall repainted, so that a model sees more colours than walls have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wallpaint.albedo import AlbedoRoom
from wallpaint.color import Color
from wallpaint.data.samples.from_rooms import check_shares, check_size
from wallpaint.data.samples.paints import draw_paint
from wallpaint.data.samples.random_crop import RandomCrop
from wallpaint.data.storage.pictures import Pictures
from wallpaint.mask import find_region, is_wall
from wallpaint.photo import bytes_to_linear, linear_to_bytes, stretched


@dataclass(frozen=True)
class PhotoAugmentation:
    """How often what happens to a photo on its way to a sample.

    Attributes
    ----------
    random_color_prob : float
        Chance that the wall of the target is repainted in a paint of `draw_paint`, by the albedo engine. Walls in
        photos are mostly pale; a model that sees no others learns that walls are pale.
    min_crop, mirror_prob : float
        See `RandomCrop.draw`.
    mismatched_color_prob : float
        For ablation only: chance of a reference in a random colour beside a target that was *not* repainted. It looks
        like `random_color_prob` (set that to 0) and teaches the opposite: to ignore the reference.

    Raises
    ------
    SettingError
        A value outside [0, 1], or a crop of nothing.
    """

    random_color_prob: float = 0.3
    min_crop: float = 0.7
    mirror_prob: float = 0.5
    mismatched_color_prob: float = 0.0

    def __post_init__(self) -> None:
        check_shares(vars(self))


@dataclass(frozen=True, eq=False)
class PhotoShot:
    """One drawn sample of a photo; it is repainted when the target is asked for.

    Attributes
    ----------
    source : (S, S, 3) uint8
        sRGB; the room as photographed.
    mask : (S, S) float32
        [0, 1].
    depth : (S, S) float32 or None
        [0, 1], near = 1.
    paint : Color or None
        Of the target's wall; None leaves it as it is.
    mismatched : Color or None
        What the reference is to show instead of the target's own wall; see `PhotoAugmentation.mismatched_color_prob`.
    """

    source: np.ndarray
    mask: np.ndarray
    depth: np.ndarray | None
    paint: Color | None
    mismatched: Color | None

    @cached_property
    def target(self) -> np.ndarray:
        """(S, S, 3) uint8 sRGB: the room in `paint`."""
        if self.paint is None or not is_wall(self.mask).any():
            return self.source
        region = find_region(self.source, self.mask)
        return AlbedoRoom.closed_form(self.source, region).paint_wall(self.paint)


def draw_photo(pictures: Pictures, size: int, recipe: PhotoAugmentation, rng: np.random.Generator) -> PhotoShot:
    """Draw everything random about a sample of a photo: the paint and the view.

    size : pixels a side, ≥ 64; a `SettingError` if it is less.
    """
    check_size(size)
    repainted, mismatched = rng.random() < recipe.random_color_prob, rng.random() < recipe.mismatched_color_prob
    paint, other = draw_paint(rng), draw_paint(rng)
    view = RandomCrop.draw(pictures.mask, rng, recipe.min_crop, recipe.mirror_prob)
    return PhotoShot(
        source=_resized_as_light(pictures.image, view, size),
        mask=view.apply(pictures.mask, size),
        depth=None if pictures.depth is None else stretched(view.apply(pictures.depth, size)),
        paint=paint if repainted else None,
        mismatched=other if mismatched and not repainted else None,
    )


def _resized_as_light(pixels: np.ndarray, view: RandomCrop, size: int) -> np.ndarray:
    if view.side == size:
        return view.apply(pixels, size)
    return linear_to_bytes(view.apply(bytes_to_linear(pixels), size))
