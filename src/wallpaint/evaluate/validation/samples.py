"""Validation samples: photos with wall masks, reference colours, and ground truth for rendered rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.color import Color, delta_e_76
from wallpaint.data import ReferenceSettings, RoomAugmentation, RoomSet, draw_paint, draw_shot
from wallpaint.data.samples.room_set import AnyRoom, room_name
from wallpaint.errors import SettingError
from wallpaint.reference import TextureSample

if TYPE_CHECKING:
    from wallpaint.data import WallInpaintingDataset

_CANDIDATES = 16  # random paints for each chosen paint
_COLORS_PER_PHOTO = 5  # if there are fewer photos than samples: painting several colours together is faster


@dataclass(frozen=True, eq=False)
class ValidationPhoto:
    """A photo of a room with its wall mask.

    Attributes
    ----------
    name : str
        Name of the photo.
    pixels : (H, W, 3) uint8
        The photo in sRGB.
    mask : (H, W) float32
        Wall mask in [0, 1], 1 = wall.
    depth : (H, W) float32 or None
        Depth in [0, 1], near = 1.
    """

    name: str
    pixels: np.ndarray
    mask: np.ndarray
    depth: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ValidationSample:
    """A photo, the reference to paint its wall in, and the ground truth if it is known.

    Attributes
    ----------
    photo : ValidationPhoto
        Samples of one photo share the object and are painted together.
    reference : Color or TextureSample
        The requested colour or texture.
    truth : (H, W, 3) uint8 or None
        The photo with its wall in that colour under the same light; for rendered rooms only.
    """

    photo: ValidationPhoto
    reference: Color | TextureSample
    truth: np.ndarray | None = None

    @property
    def color(self) -> Color:
        """The requested colour; for a texture, its median colour."""
        return self.reference.color if isinstance(self.reference, TextureSample) else self.reference

    @property
    def name(self) -> str:
        return f"{self.photo.name}-{self.color.hex.removeprefix('#')}"


def spread_paints(count: int, rng: np.random.Generator) -> list[Color]:
    """Random paints that are far apart in CIELAB, from the same distribution as the walls of the training data.

    Each paint is, of sixteen from `draw_paint`, the one farthest from all earlier ones (Mitchell's best candidate,
    1991), so the paints cover the colours evenly. A smaller `count` gives the first paints of a larger one.
    """
    chosen = [draw_paint(rng)]
    while len(chosen) < count:
        candidates = [draw_paint(rng) for _ in range(_CANDIDATES)]
        labs, known = (np.stack([paint.lab for paint in paints]) for paints in (candidates, chosen))
        nearest = delta_e_76(labs[:, None], known[None]).min(axis=1)
        chosen.append(candidates[int(nearest.argmax())])
    return chosen[:count]


def room_samples(
    rooms: Iterable[AnyRoom], count: int, size: int, *, seed: int = 0, augmentation: RoomAugmentation | None = None
) -> list[ValidationSample]:
    """Validation samples from rendered rooms, with ground truth.

    Each room gives one photo before any photo gets a second colour. Each photo gets up to five colours before any room
    gives a second photo, with another initial paint and another camera.

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path, or a RoomSet
        The rooms; those of RepaintBench are allowed.
    count : int
        Number of samples, ≥ 1.
    size : int
        Width and height of the photos in pixels, ≥ 64.
    seed : int
        Seed of all random numbers.
    augmentation : RoomAugmentation, optional
        Random changes to the photos.

    Raises
    ------
    SettingError
        `count` is below 1, there are no rooms, or `size` is too small.
    """
    _check(count)
    room_set = RoomSet(rooms, allow_bench=True)
    together = min(_COLORS_PER_PHOTO, ceil(count / len(room_set)))
    samples = []
    for number, paints in enumerate(_in_groups(_paints(count, seed), together)):
        room, rng = room_set[number % len(room_set)], np.random.default_rng([seed, 1, number])
        shot = draw_shot(room, size, RoomAugmentation() if augmentation is None else augmentation, rng)
        name = f"{room_name(room.seed)}-{number // len(room_set):02d}"
        photo = ValidationPhoto(name, shot.source, shot.mask, shot.depth)
        for paint in paints:
            truth = replace(shot, paint=paint).target
            reference = Color.from_rgb8(ReferenceSettings().color_of(truth, shot.mask))
            samples.append(ValidationSample(photo, reference, truth))
    return samples


def photo_samples(dataset: WallInpaintingDataset, count: int, *, seed: int = 0) -> list[ValidationSample]:
    """Validation samples from photos of a dataset, without ground truth.

    Each sample has its own photo; if there are fewer photos than samples, photos get several colours.

    Parameters
    ----------
    dataset : WallInpaintingDataset
        The photos. Its settings determine the cropping; walls are never repainted here.
    count : int
        Number of samples, ≥ 1.
    seed : int
        Seed for the choice of photos and colours.

    Raises
    ------
    SettingError
        `count` is below 1.
    WallpaintError
        A photo cannot be read.
    """

    def photo_at(index: int) -> ValidationPhoto:
        shot = dataset.shot(index)
        return ValidationPhoto(dataset.entries[index].name, shot.source, shot.mask, shot.depth)

    return samples_of_photos(len(dataset), photo_at, count, seed=seed)


def samples_of_photos(
    photos: int, photo_at: Callable[[int], ValidationPhoto], count: int, *, seed: int = 0
) -> list[ValidationSample]:
    """Like `photo_samples`, for any source of photos: `photo_at` returns a photo by its index, 0 to `photos` - 1."""
    _check(count)
    order = np.random.default_rng([seed, 1]).permutation(photos)
    samples = []
    for index, paints in zip(order, _in_groups(_paints(count, seed), ceil(count / photos)), strict=False):
        photo = photo_at(int(index))
        samples += [ValidationSample(photo, Color.from_rgb8(paint.rgb8)) for paint in paints]
    return samples


def _paints(count: int, seed: int) -> list[Color]:
    return spread_paints(count, np.random.default_rng([seed, 0]))


def _in_groups(paints: Sequence[Color], size: int) -> list[Sequence[Color]]:
    return [paints[first : first + size] for first in range(0, len(paints), size)]


def _check(count: int) -> None:
    if count < 1:
        raise SettingError(f"the number of samples is {count}; choose 1 or more (50 is usual).")
