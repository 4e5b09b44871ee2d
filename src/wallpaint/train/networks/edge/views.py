"""Training examples of the edge network: patches of repainted snapshots, a wrong mask, the true share of wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from wallpaint.color import lab_to_srgb, lch_to_lab, srgb_to_linear
from wallpaint.networks.edge_inputs import PATCH, edge_inputs, straightened
from wallpaint.rooms import Camera, Phone, Snapshot
from wallpaint.rooms.paintable import expose
from wallpaint.rooms.snapshots.clean_layers import clean_layers
from wallpaint.train.networks.edge.thin_things import draw_thing
from wallpaint.train.networks.edge.wrong_masks import wrong_mask

_DRAWN = PATCH + 16  # side that is drawn; the patch is cut from it, so that JPEG's blocks lie anywhere
_ZOOM = 0.6, 4.0
_THINGS = 0.5  # share of the views with something drawn before the wall
_SAME_COLOR = 0.12  # share of the views whose wall is given the colour of what is beside it
_LEAST = 0.02  # share of wall, or of rest, in a pixel from which its colour is known


@dataclass(frozen=True)
class EdgeViews:
    """B training examples.

    Attributes
    ----------
    patches : (B, 12, 48, 48) float32
        The network's input.
    alpha : (B, 1, 48, 48) float32
        Share of wall; where there is no contrast, the mask with its outline straightened.
    band : (B, 1, 48, 48) float32
        Weight of each pixel: 1 near the edge of the mask or of the wall.
    """

    patches: torch.Tensor
    alpha: torch.Tensor
    band: torch.Tensor


@dataclass(frozen=True, eq=False)
class EdgeRoom:
    """The light of a snapshot, and where its walls end.

    Attributes
    ----------
    rest, wall : (H, W, 3) float32
        Linear light, from `clean_layers`.
    alpha : (H, W) float32
        Share of wall.
    places : (N, 2) int
        Rows and columns of pixels at an edge of a wall.
    """

    rest: np.ndarray
    wall: np.ndarray
    alpha: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, snapshot: Snapshot) -> EdgeRoom | None:
        """None if the picture shows no edge of a wall."""
        wall = (snapshot.alpha > 0.5).astype(np.uint8)
        places = np.argwhere(cv2.morphologyEx(wall, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0)
        if not len(places):
            return None
        rest, wall = clean_layers(snapshot)
        return cls(rest, wall, snapshot.alpha, places.astype(np.int16))


def draw_edge_views(rooms: Sequence[EdgeRoom], count: int, random: np.random.Generator) -> EdgeViews:
    """Draw training examples. `random` is the source of all random numbers."""
    views = [_draw(rooms[int(random.integers(len(rooms)))], random) for _ in range(count)]
    patches, alpha, band = (torch.from_numpy(np.stack(each)) for each in zip(*views, strict=True))
    return EdgeViews(patches, alpha[:, None], band[:, None])


def _draw(room: EdgeRoom, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    photo, alpha, outlined = draw_patch(room, random)
    mask = wrong_mask(outlined, random)
    row, column = random.integers(0, _DRAWN - PATCH + 1, 2)
    cut = slice(row, row + PATCH), slice(column, column + PATCH)
    photo, alpha, mask = (np.ascontiguousarray(each[cut]) for each in (photo, alpha, mask))
    inputs = edge_inputs(photo, mask)
    plain = straightened(mask)
    near = np.abs(inputs.planes[10]) < 0.8
    band = np.where(near | ((mask > 0) & (mask < 1)), 1, 0.03).astype(np.float32)
    return inputs.planes, plain + inputs.contrast * (alpha - plain), band


def draw_patch(room: EdgeRoom, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A photo at an edge of a wall, through a camera.

    Returns
    -------
    photo : (64, 64, 3) uint8
        sRGB.
    alpha : (64, 64) float32
        Share of wall as the lens mixes it.
    outlined : (64, 64) float32
        Share of wall in the eyes of a segmenter, without thin things and blur.
    """
    rest, wall, alpha = _layers(room, random)
    wall, rest = _recolored(wall, rest, alpha, random)
    outlined = alpha
    if random.random() < _THINGS:
        thing = draw_thing(_DRAWN, random)
        opaque = random.uniform(0.6, 1) if random.random() < 0.2 else 1.0
        covered = (thing.coverage * opaque)[..., None]
        rest = rest * (1 - covered) + covered * _thing_color(random)
        wall = wall * (1 - covered)
        outlined = alpha * (1 - (thing.outline if random.random() < 0.7 else thing.coverage))
        alpha = alpha * (1 - covered[..., 0])
    light, alpha = _through_lens(rest + wall, alpha, random)
    return expose(light, _camera(random), random), alpha, outlined


def _layers(room: EdgeRoom, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rest, wall and share of wall around an edge, turned, mirrored and enlarged."""
    zoom = float(np.exp(random.uniform(*np.log(_ZOOM))))
    angle = random.uniform(0, 2 * np.pi) if random.random() < 0.5 else np.pi / 2 * random.integers(4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * zoom
    turn[:, 0] *= random.choice([-1, 1])
    place = room.places[int(random.integers(len(room.places)))][::-1] + random.uniform(-0.5, 0.5, 2)
    target = _DRAWN / 2 + random.uniform(-10, 10, 2)
    matrix = np.column_stack([turn, target - turn @ place])
    method = cv2.INTER_LINEAR if random.random() < 0.5 else cv2.INTER_CUBIC
    rest, wall, alpha = (
        cv2.warpAffine(plane, matrix, (_DRAWN, _DRAWN), flags=method, borderMode=cv2.BORDER_REFLECT_101)
        for plane in (room.rest, room.wall, room.alpha)
    )
    rest, wall, alpha = np.maximum(rest, 0), np.maximum(wall, 0), np.clip(alpha, 0, 1)
    if zoom > 1.3 and random.random() < 0.5:
        rest, wall, alpha = _sharpened(rest, wall, alpha, random.uniform(1, zoom), zoom)
    return rest, wall, alpha


def _sharpened(
    rest: np.ndarray, wall: np.ndarray, alpha: np.ndarray, times: float, zoom: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The layers with edges `times` as steep, the colours beside them continued."""
    sharp = np.clip((alpha - 0.5) * np.float32(times) + 0.5, 0, 1)
    layers = []
    for layer, share, new in ((rest, 1 - alpha, 1 - sharp), (wall, alpha, sharp)):
        around = cv2.GaussianBlur(np.dstack([layer, share]), (0, 0), zoom)
        continued = around[..., :3] / np.maximum(around[..., 3:], _LEAST)
        own = layer / np.maximum(share, _LEAST)[..., None]
        layers.append(np.where(share[..., None] > 0.5, own, continued) * new[..., None])
    return layers[0], layers[1], sharp


def _recolored(
    wall: np.ndarray, rest: np.ndarray, alpha: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Other paint on the wall, another colour of the rest, another exposure."""
    wall_color = wall.sum((0, 1)) / max(float(alpha.sum()), 1)
    rest_color = rest.sum((0, 1)) / max(float((1 - alpha).sum()), 1)
    gain = np.ones(3)
    if random.random() < 0.35:
        rest = rest * np.exp(random.normal(0, 0.5) + random.normal(0, 0.25, 3)).astype(np.float32)
    if random.random() < _SAME_COLOR:
        gain = rest_color / np.maximum(wall_color, 0.005) * np.exp(random.normal(0, 0.12) + random.normal(0, 0.03, 3))
    elif random.random() < 0.75:
        gain = _paint(random) / np.maximum(wall_color, 0.005)
    wall = wall * np.clip(gain, 0.01, 6).astype(np.float32)
    light = (wall + rest).mean()
    exposure = np.exp(random.normal(0, 0.3))
    if light > 0.5 or light < 0.05:
        exposure *= random.uniform(0.1, 0.5) / max(float(light), 1e-3)
    return wall * np.float32(exposure), rest * np.float32(exposure)


def _paint(random: np.random.Generator) -> np.ndarray:
    """(3,) linear light of a painted wall, from nearly black to white, times the light on it."""
    white = random.random() < 0.4
    lightness = random.uniform(80, 97) if white else random.uniform(12, 92)
    chroma = random.uniform(0, 7) if white else 55 * random.beta(1.1, 2.0)
    lab = lch_to_lab(np.array([lightness, chroma, random.uniform(0, 360)]))
    return np.clip(srgb_to_linear(np.clip(lab_to_srgb(lab), 0, 1)), 0.01, 1) * random.uniform(0.3, 1.1)


def _thing_color(random: np.random.Generator) -> np.ndarray:
    """(64, 64, 3) or (3,) float32 linear light: dark as hair on two fifths of the things, shaded and mottled."""
    is_dark = random.random() < 0.4
    color = np.array([0.05, 0.03, 0.02]) * np.exp(random.normal(0, 0.8)) if is_dark else _paint(random)
    if random.random() < 0.4:
        return color.astype(np.float32)
    cells = int(random.choice([3, 8, 30]))
    mottle = np.exp(random.normal(size=(cells, cells)) * random.uniform(0.05, 0.5)).astype(np.float32)
    return cv2.resize(mottle, (_DRAWN, _DRAWN), interpolation=cv2.INTER_CUBIC).clip(0.1)[..., None] * color.astype(
        np.float32
    )


def _through_lens(light: np.ndarray, alpha: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Blur of the lens, of movement, or of an enlarged picture, on light and share of wall alike."""
    both: np.ndarray = np.dstack([light, alpha]).astype(np.float32)
    sigma = random.uniform(0.2, 0.8) if random.random() < 0.8 else random.uniform(0.8, 2.2)
    if random.random() < 0.8:
        both = cv2.GaussianBlur(both, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    chance = random.random()
    if chance < 0.08:
        length = int(random.integers(2, 6))
        both = cv2.blur(both, (length, 1) if random.random() < 0.5 else (1, length))
    elif chance < 0.2:
        small = round(_DRAWN * random.uniform(0.4, 0.9))
        both = cv2.resize(both, (small, small), interpolation=cv2.INTER_AREA)
        both = cv2.resize(both, (_DRAWN, _DRAWN), interpolation=cv2.INTER_CUBIC)
    return np.maximum(both[..., :3], 0), np.clip(both[..., 3], 0, 1)


def _camera(random: np.random.Generator) -> Camera | Phone | None:
    """A camera without the blur that `_through_lens` has added, and without what only whole pictures show."""
    chance = random.random()
    if chance < 0.15:
        return None
    if chance < 0.6:
        return replace(Camera.draw(random), blur=0.0, vignette=0.0)
    return replace(Phone.draw(random), bloom=0.0, vignette=0.0, motion=0.0, scale=1.0)
