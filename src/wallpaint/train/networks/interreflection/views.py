"""Training examples of the interreflection network: rooms in an old paint as photographed, and in new paints."""

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
from wallpaint.train.networks.interreflection.clutter import add_clutter
from wallpaint.train.networks.interreflection.room_maps import RoomMaps

PAINTS = 2  #: new paints a view is compared in
_MEDIAN_SHOWN = 0.42  # sRGB of the median pixel, as a camera would expose
_OUTLIERS = 0.2  # share of views that are not rooms; on them the network is trained to expect a large error
_TWINS, _CAMERAS, _MASKS = 0.3, 0.6, 0.5  # shares of views: wallpapered twin where there is one, camera, degraded mask
_CLUTTERED = 0.5  # share of views with other reflectances outside the wall
_EXTREME = 0.25  # share of views from a dark grey to a light grey or back
_PURE_WALL = 0.99  # share of wall from which a pixel counts as wall alone


@dataclass(frozen=True)
class TrainingViews:
    """B training examples; light is linear as displayed, 1 = white.

    Attributes
    ----------
    inputs : (B, 12, S, S) float
        The network's inputs, from `network_input`.
    old : (B, 3, S, S) float
        Noise-free light in the old paint; where `outside` is 1, of the pixel's part outside the wall.
    new : (B, P, 3, S, S) float
        True light in P new paints, in the same exposure.
    wall_ratio : (B, P, 3) float
        The wall's median light in the new paint over that in the old.
    wall_median : (B, 3) float
        The wall's median light in the old paint.
    inside, outside : (B, 1, S, S) float
        0 or 1: pixels with nothing but wall; pixels with more than 2 % that is not wall.
    is_room : (B,) float
        1; or 0 for an outlier, a picture that is not a room and has no truth.
    """

    inputs: torch.Tensor
    old: torch.Tensor
    new: torch.Tensor
    wall_ratio: torch.Tensor
    wall_median: torch.Tensor
    inside: torch.Tensor
    outside: torch.Tensor
    is_room: torch.Tensor


def draw_views(rooms: RoomMaps, count: int, random: np.random.Generator, *, plain: bool = False) -> TrainingViews:
    """Draw training examples.

    Parameters
    ----------
    rooms : RoomMaps
    count : int
        Number of examples.
    random : numpy Generator
        Source of all random numbers.
    plain : bool
        For measuring: the rooms in order, without outliers, wallpaper, clutter and crops.
    """
    views = [_draw_view(rooms, index % len(rooms) if plain else None, random, plain) for index in range(count)]
    return TrainingViews(**{name: torch.from_numpy(np.stack([view[name] for view in views])) for name in views[0]})


def _draw_view(rooms: RoomMaps, index: int | None, random: np.random.Generator, plain: bool) -> dict[str, np.ndarray]:
    """One example, by the attributes of `TrainingViews`."""
    index = int(random.integers(len(rooms))) if index is None else index
    maps = np.concatenate(
        [rooms.share[index][..., None], rooms.outside[index], rooms.light[index]], axis=-1, dtype=np.float32
    )
    if index in rooms.twins:
        maps = np.concatenate([maps, rooms.twins[index].astype(np.float32)], axis=-1)
    if not plain:
        if random.random() < _CLUTTERED:
            maps = add_clutter(maps, random)
        for _ in range(8):
            cropped = _cropped(maps, random)
            if 0.04 < (cropped[..., 0] > _PURE_WALL).mean() < 0.97:
                maps = cropped
                break
    share, outside_share = np.clip(maps[..., 0], 0, 1), maps[..., 10]
    outside_light = maps[..., 1:10] / np.maximum(outside_share, 1e-3)[..., None]
    light, twin = maps[..., 11:20], maps[..., 20:]
    paints = [np.asarray(draw_paint(random).linear) for _ in range(PAINTS + 1)]
    if random.random() < _EXTREME:
        paints[0], paints[1] = (np.full(3, grey) for grey in random.uniform((0.03, 0.7), (0.08, 0.88)))
    if random.random() < 0.5:
        paints[0], paints[1] = paints[1], paints[0]

    outside, inside = outside_share > 0.02, share > _PURE_WALL

    def lit(paint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Light of whole pixels, and the same with the part outside the wall alone where there is such a part."""
        whole, outside_alone = (
            evaluate(each[..., :3], each[..., 3:6], each[..., 6:], rooms.feedback[index], paint)
            for each in (light, outside_light)
        )
        return whole, np.where(outside[..., None], outside_alone, whole)

    (before, old), *after = [lit(paint) for paint in paints]
    if twin.size and not plain and random.random() < _TWINS:
        before = twin  # the wall's old reflectance is not one number, so only pixels outside the wall are compared
        inside = np.zeros_like(inside)
        old = twin
        outside = outside & (share < 0.01)
    exposure = _exposure(before)
    if random.random() < 0.6:
        exposure = min(exposure, _exposure(after[0][0]))
    exposure *= np.exp(0.0 if plain else 0.25 * random.normal())
    camera = Camera.draw(random) if random.random() < _CAMERAS else Camera()
    if camera.jpeg_quality is not None:
        less_noise = float(random.choice([1.0, 4.0, 16.0]))  # a larger photo has less noise once it is made small
        camera = replace(camera, full_well=camera.full_well * less_noise, blur=camera.blur / 2)
        photo = srgb_to_linear(camera.apply(before * exposure, random) / 255.0)
    else:
        photo = srgb_to_linear(np.rint(255 * linear_to_srgb(np.clip(before * exposure, 0, 1))) / 255)
    mask = degrade_mask(share, random) if random.random() < _MASKS else share
    if (mask > 0.5).sum() < 30:
        mask = share
    shown_old = _displayed(old * exposure, camera)
    shown_new = [_displayed(outside_alone * exposure, camera) for _, outside_alone in after]
    wall_median = median_wall_light(shown_old, mask)
    wall_ratio = [median_wall_light(new, mask) / wall_median for new in shown_new]
    is_room = plain or random.random() >= _OUTLIERS
    if not is_room:
        photo, mask = _outlier(photo, mask, random)
    return {
        "inputs": network_input(photo, mask),
        "old": _planes(shown_old),
        "new": np.stack([_planes(new) for new in shown_new]),
        "wall_ratio": np.stack(wall_ratio).astype(np.float32),
        "wall_median": wall_median,
        "inside": inside[None].astype(np.float32),
        "outside": outside[None].astype(np.float32),
        "is_room": np.array(is_room, np.float32),
    }


def _cropped(maps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A random crop of the maps, resized to `SIDE`², mirrored with probability one half."""
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


def _displayed(light: np.ndarray, camera: Camera) -> np.ndarray:
    """Linear light as displayed, with the camera's vignette, white balance and tone curve, without noise and JPEG."""
    through = light * camera.falloff(*light.shape[:2])[..., None] * camera.balance_gains()
    encoded = camera.tone(linear_to_srgb(np.clip(through, 0, 1)))
    return srgb_to_linear(np.clip(encoded, 0, 1)).astype(np.float32)


def _exposure(light: np.ndarray) -> float:
    """Factor on light that brings the median pixel to `_MEDIAN_SHOWN`."""
    shown = float(srgb_to_linear(np.array(_MEDIAN_SHOWN)))
    return shown / max(float(np.median(luminance(light))), 1e-5)


def _outlier(photo: np.ndarray, mask: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture that is not a room: shuffled tiles, a negative, noise, or a rotated and shifted mask."""
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
