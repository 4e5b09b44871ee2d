"""What a model is validated on: photos with their walls, the colours asked for, and the truth where it is known."""

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

_CANDIDATES = 16  # of which the one farthest from all chosen colours is taken
_COLORS_PER_PHOTO = 5  # where there are not photos enough: what is painted together takes less time


@dataclass(frozen=True, eq=False)
class ValidationPhoto:
    """A room to be painted.

    Attributes
    ----------
    name : str
    pixels : (H, W, 3) uint8
        sRGB.
    mask : (H, W) float32
        [0, 1].
    depth : (H, W) float32 or None
        [0, 1], near = 1.
    """

    name: str
    pixels: np.ndarray
    mask: np.ndarray
    depth: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ValidationSample:
    """A room to be painted so, and how it would look.

    Attributes
    ----------
    photo : ValidationPhoto
        Samples of one photo share the object and are painted together.
    reference : Color or TextureSample
    truth : (H, W, 3) uint8 or None
        The photo with its wall in that colour, by the light that is there; only of rendered rooms.
    """

    photo: ValidationPhoto
    reference: Color | TextureSample
    truth: np.ndarray | None = None

    @property
    def color(self) -> Color:
        """The colour asked for; of a texture, its median."""
        return self.reference.color if isinstance(self.reference, TextureSample) else self.reference

    @property
    def name(self) -> str:
        return f"{self.photo.name}-{self.color.hex.removeprefix('#')}"


def spread_paints(count: int, rng: np.random.Generator) -> list[Color]:
    """Paints that lie far from each other in CIELAB, in the families that walls of the training data are painted in.

    Of sixteen paints drawn by `draw_paint` the one farthest from all before it is taken (Mitchell's best candidate,
    1991), so any number of them covers what sRGB holds of paints as evenly as so many can, and fewer are the first of
    more.
    """
    chosen = [draw_paint(rng)]
    while len(chosen) < count:
        candidates = [draw_paint(rng) for _ in range(_CANDIDATES)]
        labs, known = (np.stack([paint.lab for paint in paints]) for paints in (candidates, chosen))
        nearest = delta_e_76(labs[:, None], known[None]).min(axis=1)
        chosen.append(candidates[int(nearest.argmax())])
    return chosen[:count]


def room_samples(
    rooms: Iterable[AnyRoom], count: int, size: int, *, seed: int = 0, recipe: RoomAugmentation | None = None
) -> list[ValidationSample]:
    """Rendered rooms to be painted, with their truth.

    As many photos as there are rooms before any photo gets a second colour, and five colours a photo before any room is
    photographed again, in another old paint and by another camera.

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path, or a shelf
        Rooms of RepaintBench are allowed.
    count : int
        Samples, ≥ 1.
    size : int
        Pixels a side, ≥ 64.
    seed : int
        Fixes everything.
    recipe : RoomAugmentation, optional
        Of what happens to the photos.

    Raises
    ------
    SettingError
        No samples or no rooms; too small a size.
    """
    _check(count)
    shelf = RoomSet(rooms, allow_bench=True)
    together = min(_COLORS_PER_PHOTO, ceil(count / len(shelf)))
    samples = []
    for number, paints in enumerate(_in_groups(_paints(count, seed), together)):
        room, rng = shelf[number % len(shelf)], np.random.default_rng([seed, 1, number])
        shot = draw_shot(room, size, RoomAugmentation() if recipe is None else recipe, rng)
        name = f"{room_name(room.seed)}-{number // len(shelf):02d}"
        photo = ValidationPhoto(name, shot.source, shot.mask, shot.depth)
        for paint in paints:
            truth = replace(shot, paint=paint).target
            reference = Color.from_rgb8(ReferenceSettings().color_of(truth, shot.mask))
            samples.append(ValidationSample(photo, reference, truth))
    return samples


def photo_samples(dataset: WallInpaintingDataset, count: int, *, seed: int = 0) -> list[ValidationSample]:
    """Photos of a dataset to be painted; nobody knows their truth.

    As many photos as there are samples; several colours each, where there are not so many.

    Parameters
    ----------
    dataset : WallInpaintingDataset
        Its recipe says how photos are cropped; they are shown as taken, whatever it says of repainting.
    count : int
        Samples, ≥ 1.
    seed : int
        Fixes which photos are taken, and the colours.

    Raises
    ------
    SettingError
        No samples.
    WallpaintError
        Pictures that cannot be read.
    """

    def photo_at(index: int) -> ValidationPhoto:
        shot = dataset.shot(index)
        return ValidationPhoto(dataset.entries[index].name, shot.source, shot.mask, shot.depth)

    return samples_of_photos(len(dataset), photo_at, count, seed=seed)


def samples_of_photos(
    photos: int, photo_at: Callable[[int], ValidationPhoto], count: int, *, seed: int = 0
) -> list[ValidationSample]:
    """As `photo_samples`, of photos from anywhere: `photo_at` gives one by its number, from 0 to `photos` - 1."""
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
        raise SettingError(f"{count} samples measure nothing: choose 1 or more, 50 as a rule.")
