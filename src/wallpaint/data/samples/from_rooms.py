"""Samples from rendered rooms: the room before and after painting, through the same camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wallpaint.color import Color
from wallpaint.data.samples.paints import draw_paint
from wallpaint.data.samples.random_crop import RandomCrop
from wallpaint.data.samples.ray_depth import axis_distance
from wallpaint.errors import SettingError
from wallpaint.mask import is_wall
from wallpaint.photo import relative_disparity
from wallpaint.rooms import Camera, PaintableRoom, degrade_mask
from wallpaint.rooms.paintable import evaluate, expose

MIN_SIZE = 64  #: pixels a side; the smallest wall of a crop, 5 %, is then 200 pixels, enough to measure its colour


@dataclass(frozen=True)
class RoomAugmentation:
    """Augmentation of rooms: the probability of each random change.

    Attributes
    ----------
    wallpaper_prob : float
        Probability that the source is the room's wallpapered twin, if it has one; otherwise it is in plain paint.
    camera_prob : float
        Probability of a random `Camera` (noise, JPEG, white balance, …); otherwise the picture is clean.
    mask_degrade_prob : float
        Probability of a mask with errors like a segmenter's (`degrade_mask`); otherwise the true mask. The true mask is
        also used if the degraded one has less than half of the wall.
    min_crop, mirror_prob : float
        See `RandomCrop.draw`; with 1 and 0 the whole room is shown, not mirrored.
    mismatched_color_prob : float
        For ablation only: probability of a reference in a random colour with a target that was *not* repainted, a fault
        seen in training code, which teaches a model to ignore the reference.

    Raises
    ------
    SettingError
        A value outside [0, 1], or a crop of nothing.
    """

    wallpaper_prob: float = 0.3
    camera_prob: float = 0.8
    mask_degrade_prob: float = 0.5
    min_crop: float = 1.0
    mirror_prob: float = 0.0
    mismatched_color_prob: float = 0.0

    def __post_init__(self) -> None:
        check_shares(vars(self))


@dataclass(frozen=True, eq=False)
class RoomShot:
    """One random sample of a room; pictures are painted on first access.

    The light maps are cropped and resized first, then painted, then passed through the camera. This is exact, because
    the maps are linear in light, and noise and JPEG have the right scale for the picture's size. Source and target have
    the same camera and the same noise seed.

    Attributes
    ----------
    room : PaintableRoom
    view : RandomCrop
    size : int
        Pixels a side.
    paint : Color
        Colour of the target's walls, unless `is_mismatched`.
    old_paint : Color or None
        Colour of the source's walls; None is the wallpapered twin.
    camera : Camera or None
    noise_seed : int
        Seed of the camera's noise.
    mask : (S, S) float32
        True coverage in [0, 1], or the degraded mask, 0 or 1.
    is_mismatched : bool
        The reference has the colour `paint`, the target is the source; see `RoomAugmentation.mismatched_color_prob`.
    """

    room: PaintableRoom
    view: RandomCrop
    size: int
    paint: Color
    old_paint: Color | None
    camera: Camera | None
    noise_seed: int
    mask: np.ndarray
    is_mismatched: bool = False

    @cached_property
    def target(self) -> np.ndarray:
        """(S, S, 3) uint8 sRGB: the room in `paint`."""
        return self.source if self.is_mismatched else self._photographed(self._painted(self.paint))

    @cached_property
    def source(self) -> np.ndarray:
        """(S, S, 3) uint8 sRGB: the room before."""
        if self.old_paint is not None:
            return self._photographed(self._painted(self.old_paint))
        assert self.room.wallpaper is not None
        return self._photographed(self.view.apply(self.room.wallpaper, self.size))

    @cached_property
    def depth(self) -> np.ndarray:
        """(S, S) float32 in [0, 1], near = 1; see `relative_disparity`."""
        return relative_disparity(self.view.apply(axis_distance(self.room), self.size))

    @cached_property
    def _light(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        a, b, c = (self.view.apply(values, self.size) for values in (self.room.a, self.room.b, self.room.c))
        return a, b, c

    def _painted(self, paint: Color) -> np.ndarray:
        return evaluate(*self._light, self.room.feedback, paint.linear.astype(np.float32))

    def _photographed(self, light: np.ndarray) -> np.ndarray:
        return expose(light * np.float32(self.room.exposure), self.camera, np.random.default_rng(self.noise_seed))


def check_shares(shares: Mapping[str, float]) -> None:
    """Raise `SettingError` for a probability or a share outside [0, 1], or a `min_crop` of nothing."""
    for name, value in shares.items():
        if not 0 <= value <= 1 or (name == "min_crop" and value == 0):
            raise SettingError(f"{name} is {value:g}; it must lie between 0 and 1.")


def check_size(size: int) -> None:
    """Raise `SettingError` for samples too small to hold a wall."""
    if size < MIN_SIZE:
        raise SettingError(f"samples of {size} pixels a side are too small to hold a wall: take {MIN_SIZE} or more.")


def draw_shot(room: PaintableRoom, size: int, recipe: RoomAugmentation, rng: np.random.Generator) -> RoomShot:
    """A random sample of a room: both colours, crop, camera and mask.

    Both colours come from `draw_paint` independently, so they are sometimes nearly equal.
    """
    check_size(size)
    paint, old_paint = draw_paint(rng), draw_paint(rng)
    papered = bool(rng.random() < recipe.wallpaper_prob) and room.wallpaper is not None
    camera = Camera.draw(rng) if rng.random() < recipe.camera_prob else None
    noise_seed = int(rng.integers(2**63))
    view = RandomCrop.draw(room.alpha, rng, recipe.min_crop, recipe.mirror_prob)
    mask = view.apply(room.alpha, size)
    if rng.random() < recipe.mask_degrade_prob:
        segmented = degrade_mask(mask, rng)
        mask = segmented if is_wall(segmented).sum() > 0.5 * is_wall(mask).sum() else mask
    is_mismatched = bool(rng.random() < recipe.mismatched_color_prob)
    return RoomShot(room, view, size, paint, None if papered else old_paint, camera, noise_seed, mask, is_mismatched)
