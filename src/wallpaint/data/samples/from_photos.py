"""Samples from photos: a random crop, sometimes with its wall repainted, so that a model sees more colours."""

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
    """Augmentation of photos: the probability of each random change.

    Attributes
    ----------
    random_color_prob : float
        Probability that the albedo engine repaints the wall of the target in a colour from `draw_paint`. Walls in
        photos are mostly pale; a model trained only on them learns that walls are pale.
    min_crop, mirror_prob : float
        See `RandomCrop.draw`.
    mismatched_color_prob : float
        For ablation only: probability of a reference in a random colour with a target that was *not* repainted. This
        teaches a model to ignore the reference. Set `random_color_prob` to 0 with it.

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
    """One random sample of a photo; it is repainted on first access to `target`.

    Attributes
    ----------
    source : (S, S, 3) uint8
        The photo, sRGB.
    mask : (S, S) float32
        [0, 1].
    depth : (S, S) float32 or None
        [0, 1], near = 1.
    paint : Color or None
        Colour of the target's wall; None leaves it unchanged.
    mismatched : Color or None
        Colour of the reference if it is not the target's; see `PhotoAugmentation.mismatched_color_prob`.
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
    """A random sample of a photo: its crop and its colour.

    size : pixels a side, ≥ 64; `SettingError` if it is less.
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
