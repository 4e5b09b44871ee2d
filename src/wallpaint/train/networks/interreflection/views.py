"""What a training step sees: rooms in an old paint through some camera and mask, and how they look in new paints."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from wallpaint.color import linear_to_srgb, luminance, srgb_to_linear
from wallpaint.data.samples.paints import draw_paint
from wallpaint.networks.interreflection_inputs import SIDE, median_wall_light, network_input
from wallpaint.rooms.camera import Camera, degrade_mask
from wallpaint.rooms.paintable import evaluate
from wallpaint.train.networks.interreflection.clutter import cluttered
from wallpaint.train.networks.interreflection.room_maps import RoomMaps

PAINTS = 2  #: new paints a view is compared in
_MEDIAN_SHOWN = 0.42  # sRGB of the median pixel, as a camera would expose
_OUTLIERS = 0.2  # share of views that are no rooms at all, for which the network is to own up to that
_TWINS, _CAMERAS, _MASKS = 0.3, 0.6, 0.5  # shares of views: in wallpaper where there is a twin, through a camera, …
_CLUTTERED = 0.5  # share of views whose ceiling, floor and furniture look otherwise than they were rendered
_EXTREME = 0.25  # share of views from one grey to another, as far apart as paint gets
_PURE_WALL = 0.99


@dataclass(frozen=True)
class TrainingViews:
    """B views; light is linear as shown on a screen, 1 = white.

    Attributes
    ----------
    seen : (B, 12, S, S)
        From `network_input`.
    old : (B, 3, S, S)
        Without noise; where `outside`, of what is no wall.
    new : (B, P, 3, S, S)
        The truth in P paints, in the same exposure.
    change : (B, P, 3)
        The wall's median in the new paint over that in the old.
    middle : (B, 3)
        The wall's median light in the old paint.
    inside, outside : (B, 1, S, S)
        0 or 1: nothing but wall; some of it no wall.
    is_room : (B,)
        0 for an outlier, which has no truth.
    """

    seen: torch.Tensor
    old: torch.Tensor
    new: torch.Tensor
    change: torch.Tensor
    middle: torch.Tensor
    inside: torch.Tensor
    outside: torch.Tensor
    is_room: torch.Tensor


def draw_views(rooms: RoomMaps, count: int, random: np.random.Generator, *, plain: bool = False) -> TrainingViews:
    """Draw some views.

    plain : no outliers, wallpaper or crops: for measuring, where `count` views are of the first rooms in order.
    """
    views = [_draw_view(rooms, place % len(rooms) if plain else None, random, plain) for place in range(count)]
    return TrainingViews(**{name: torch.from_numpy(np.stack([view[name] for view in views])) for name in views[0]})


def _draw_view(rooms: RoomMaps, place: int | None, random: np.random.Generator, plain: bool) -> dict[str, np.ndarray]:
    """One view, by the names of `TrainingViews`."""
    place = int(random.integers(len(rooms))) if place is None else place
    maps = np.concatenate(
        [rooms.share[place][..., None], rooms.others[place], rooms.light[place]], axis=-1, dtype=np.float32
    )
    if place in rooms.twins:
        maps = np.concatenate([maps, rooms.twins[place].astype(np.float32)], axis=-1)
    if not plain:
        if random.random() < _CLUTTERED:
            maps = cluttered(maps, random)
        for _ in range(8):
            cropped = _cropped(maps, random)
            if 0.04 < (cropped[..., 0] > _PURE_WALL).mean() < 0.97:
                maps = cropped
                break
    share, rest = np.clip(maps[..., 0], 0, 1), maps[..., 10]
    others = maps[..., 1:10] / np.maximum(rest, 1e-3)[..., None]
    light, twin = maps[..., 11:20], maps[..., 20:]
    paints = [np.asarray(draw_paint(random).linear) for _ in range(PAINTS + 1)]
    if random.random() < _EXTREME:
        paints[0], paints[1] = (np.full(3, grey) for grey in random.uniform((0.03, 0.7), (0.08, 0.88)))
    if random.random() < 0.5:
        paints[0], paints[1] = paints[1], paints[0]

    outside, inside = rest > 0.02, share > _PURE_WALL

    def lit(paint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The picture, and the light of what is no wall where there is some, of the wall elsewhere."""
        picture, beside = (
            evaluate(each[..., :3], each[..., 3:6], each[..., 6:], rooms.feedback[place], paint)
            for each in (light, others)
        )
        return picture, np.where(outside[..., None], beside, picture)

    (before, old), *after = [lit(paint) for paint in paints]
    if twin.size and not plain and random.random() < _TWINS:
        before = twin  # nobody papers a wall to learn of its paint: what it does to the room is not asked
        inside = np.zeros_like(inside)
        old = twin
        outside = outside & (share < 0.01)
    exposure = _exposure(before)
    if random.random() < 0.6:
        exposure = min(exposure, _exposure(after[0][0]))
    exposure *= np.exp(0.0 if plain else 0.25 * random.normal())
    camera = Camera.draw(random) if random.random() < _CAMERAS else Camera()
    if camera.jpeg_quality is not None:
        gentler = float(random.choice([1.0, 4.0, 16.0]))  # what a larger photo's noise comes to once made small
        camera = replace(camera, full_well=camera.full_well * gentler, blur=camera.blur / 2)
        photo = srgb_to_linear(camera.apply(before * exposure, random) / 255.0)
    else:
        photo = srgb_to_linear(np.rint(255 * linear_to_srgb(np.clip(before * exposure, 0, 1))) / 255)
    mask = degrade_mask(share, random) if random.random() < _MASKS else share
    if (mask > 0.5).sum() < 30:
        mask = share
    shown_old = _developed(old * exposure, camera)
    shown_new = [_developed(beside * exposure, camera) for _, beside in after]
    middle = median_wall_light(shown_old, mask)
    change = [median_wall_light(new, mask) / middle for new in shown_new]
    is_room = plain or random.random() >= _OUTLIERS
    if not is_room:
        photo, mask = _outlier(photo, mask, random)
    return {
        "seen": network_input(photo, mask),
        "old": _planes(shown_old),
        "new": np.stack([_planes(new) for new in shown_new]),
        "change": np.stack(change).astype(np.float32),
        "middle": middle,
        "inside": inside[None].astype(np.float32),
        "outside": outside[None].astype(np.float32),
        "is_room": np.array(is_room, np.float32),
    }


def _cropped(maps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A part of the maps, made `SIDE`² again, mirrored half of the time."""
    height, width = np.rint(SIDE * random.uniform(0.6, 1.0) * np.exp(random.uniform(-0.2, 0.2, 2))).astype(int)
    height, width = min(height, SIDE), min(width, SIDE)
    top, left = random.integers(SIDE - height + 1), random.integers(SIDE - width + 1)
    part = maps[top : top + height, left : left + width]
    if random.random() < 0.5:
        part = part[:, ::-1]
    planes = [
        cv2.resize(np.ascontiguousarray(part[..., k : k + 4]), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        for k in range(0, part.shape[-1], 4)
    ]
    return np.concatenate([p if p.ndim == 3 else p[..., None] for p in planes], axis=-1)


def _developed(light: np.ndarray, camera: Camera) -> np.ndarray:
    """Linear light as it is shown, through the camera without noise and JPEG."""
    through = light * camera.falloff(*light.shape[:2])[..., None] * camera.balance_gains()
    encoded = camera.tone(linear_to_srgb(np.clip(through, 0, 1)))
    return srgb_to_linear(np.clip(encoded, 0, 1)).astype(np.float32)


def _exposure(light: np.ndarray) -> float:
    shown = float(srgb_to_linear(np.array(_MEDIAN_SHOWN)))
    return shown / max(float(np.median(luminance(light))), 1e-5)


def _outlier(photo: np.ndarray, mask: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """No room: its pieces shuffled, its colours turned round, noise, or a mask that has nothing to do with it."""
    kind = random.integers(4)
    if kind == 0:
        cell = SIDE // int(random.choice([4, 8, 16]))
        order = random.permutation((SIDE // cell) ** 2)
        return _shuffled(photo, cell, order), mask
    if kind == 1:
        return srgb_to_linear(1 - linear_to_srgb(photo)), mask
    if kind == 2:
        coarse = random.random((int(random.choice([4, 16, 64])),) * 2 + (3,)).astype(np.float32)
        return srgb_to_linear(np.clip(cv2.resize(coarse, (SIDE, SIDE)), 0, 1)), mask
    turned = np.rot90(mask, int(random.integers(1, 4)))
    return photo, np.ascontiguousarray(np.roll(turned, random.integers(SIDE, size=2), (0, 1)))


def _shuffled(picture: np.ndarray, cell: int, order: np.ndarray) -> np.ndarray:
    across = SIDE // cell
    tiles = picture.reshape(across, cell, across, cell, 3).swapaxes(1, 2).reshape(-1, cell, cell, 3)[order]
    return tiles.reshape(across, across, cell, cell, 3).swapaxes(1, 2).reshape(SIDE, SIDE, 3)


def _planes(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)
