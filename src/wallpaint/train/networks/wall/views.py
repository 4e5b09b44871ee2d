"""Training examples of the wall networks: photos of snapshots with the surface of every pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from wallpaint.networks.wall_inputs import photo_input
from wallpaint.rooms import Camera, Label, Phone, Snapshot
from wallpaint.rooms.paintable import expose

SHAPES = ((256, 352), (352, 256), (224, 320), (288, 288), (320, 224))  #: heights and widths of the batches
_OTHER_SURFACES = 100  # number from which surfaces are classes and not paints
_NONE = 255


@dataclass(frozen=True)
class WallViews:
    """B training examples.

    Attributes
    ----------
    photos : (B, 3, H, W) float
        The look network's input.
    wall : (B, 1, H/2, W/2) float
        Share of wall.
    labels : (B, H/4, W/4) int
        `Label` of each cell.
    surfaces : (B, H/2, W/2) uint8
        Number of the paint on a wall; elsewhere 100 + the class; 255 beyond the picture's edge.
    planes : (B, H/4, W/4) uint8
        Number of the flat surface, 0 for none.
    """

    photos: torch.Tensor
    wall: torch.Tensor
    labels: torch.Tensor
    surfaces: np.ndarray
    planes: np.ndarray


def draw_wall_views(
    snapshots: Sequence[Snapshot], count: int, random: np.random.Generator, *, plain: bool = False
) -> WallViews:
    """Draw training examples.

    Parameters
    ----------
    snapshots : sequence of Snapshot
    count : int
    random : numpy Generator
        Source of all random numbers.
    plain : bool
        For measuring: the snapshots in order, whole and unturned, through a camera of the benchmark's kind.
    """
    shape = SHAPES[0] if plain else SHAPES[int(random.integers(len(SHAPES)))]
    views = []
    for index in range(count):
        number = index % len(snapshots) if plain else int(random.integers(len(snapshots)))
        views.append(_draw(snapshots[number], shape, random, plain))
    photos, wall, labels, surfaces, planes = (np.stack(each) for each in zip(*views, strict=True))
    return WallViews(
        torch.from_numpy(photos),
        torch.from_numpy(wall)[:, None],
        torch.from_numpy(labels.astype(np.int64)),
        surfaces,
        planes,
    )


def _draw(
    snapshot: Snapshot, shape: tuple[int, int], random: np.random.Generator, plain: bool
) -> tuple[np.ndarray, ...]:
    """Input photo; share of wall and surfaces at half the size; classes and planes at a quarter."""
    size = snapshot.alpha.shape
    matrix = _whole(size, shape) if plain else _random_crop(size, shape, random)

    def warped(plane: np.ndarray, method: int, border: int = cv2.BORDER_REFLECT_101) -> np.ndarray:
        return cv2.warpAffine(plane, matrix, shape[::-1], flags=method, borderMode=border, borderValue=_NONE)

    light = snapshot.light
    if random.random() < 0.6:
        light = snapshot.repainted(snapshot.draw_paints(random))
    light = light * np.float32(np.exp(random.normal(0, 0.15 if plain else 0.35)))
    light = np.maximum(warped(light, cv2.INTER_LINEAR), 0)
    camera: Camera | Phone | None = Camera.draw(random) if plain or random.random() < 0.25 else Phone.draw(random)
    if not plain and random.random() < 0.1:
        camera = None
    photo = expose(light, camera, random)
    if not plain:
        photo = _recolored(photo, random)
    half = shape[1] // 2, shape[0] // 2
    # labels are constant beyond the picture's edge, since the mirrored light there is not of the same surface
    wall = cv2.resize(warped(snapshot.alpha, cv2.INTER_LINEAR), half, interpolation=cv2.INTER_AREA)
    labels = warped(snapshot.classes, cv2.INTER_NEAREST)
    is_wall = warped(snapshot.alpha, cv2.INTER_LINEAR) > 0.5
    paints = warped(snapshot.paints, cv2.INTER_NEAREST)
    surfaces = np.where(is_wall & (paints > 0), paints, _OTHER_SURFACES + labels).astype(np.uint8)
    planes = warped(snapshot.planes, cv2.INTER_NEAREST)
    flat = is_wall | np.isin(labels, (Label.CEILING, Label.FLOOR))
    return (
        photo_input(photo),
        wall,
        labels[2::4, 2::4],
        surfaces[1::2, 1::2],
        np.where(flat, planes, 0)[2::4, 2::4],
    )


def _whole(size: tuple[int, ...], shape: tuple[int, int]) -> np.ndarray:
    """The whole snapshot, stretched to the shape."""
    down, across = shape[0] / size[0], shape[1] / size[1]
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def _random_crop(size: tuple[int, ...], shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """A crop of 45 to 110 % of the snapshot, turned by up to a few degrees, stretched and mirrored."""
    share = random.uniform(0.45, 1.1) if random.random() < 0.6 else 1.0
    scale = min(shape[0] / size[0], shape[1] / size[1]) / share
    if scale * max(size) < 0.75 * max(shape):  # an upright snapshot in a wide batch: fill the width
        scale = max(shape[0] / size[0], shape[1] / size[1]) / max(share, 0.8)
    stretch = np.exp(random.normal(0, 0.06))
    across = scale * stretch * (-1 if random.random() < 0.5 else 1)
    down = scale / stretch
    angle = np.radians(random.normal(0, 2.0))
    matrix = np.array(
        [[across * np.cos(angle), -down * np.sin(angle), 0], [across * np.sin(angle), down * np.cos(angle), 0]]
    )
    free = np.array([max(0, size[1] - shape[1] / abs(across)), max(0, size[0] - shape[0] / down)])
    middle = np.array([size[1], size[0]]) / 2 + (random.random(2) - 0.5) * free
    matrix[:, 2] = np.array(shape[::-1]) / 2 - matrix[:, :2] @ middle
    return matrix


def _recolored(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Strong, arbitrary curves of each channel on a third of the views; rendered materials are too much alike."""
    if random.random() > 0.35:
        return photo
    code = np.arange(256, dtype=np.float32) / 255
    channels = []
    for plane in cv2.split(photo):
        curve = code ** np.exp(random.normal(0, 0.25)) * random.uniform(0.75, 1.05) + random.uniform(-0.03, 0.12)
        channels.append(cv2.LUT(plane, np.clip(curve * 255, 0, 255).astype(np.uint8)))
    mixed = cv2.merge(channels)
    return mixed[..., random.permutation(3)] if random.random() < 0.3 else mixed
