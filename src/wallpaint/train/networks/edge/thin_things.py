"""Coverage of procedural things before a wall: hair, leaves, cables, fringes, smooth shapes; exactly anti-aliased."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

_FINER = 4  # drawn that many times finer and averaged: coverage in steps of 1/16


class Thing(NamedTuple):
    """A thing before the wall.

    Attributes
    ----------
    coverage : (h, w) float32
        Share of each pixel that it covers, [0, 1].
    outline : (h, w) float32
        The same without its thin parts, as a segmenter or a person would outline it.
    """

    coverage: np.ndarray
    outline: np.ndarray


def draw_thing(size: int, random: np.random.Generator) -> Thing:
    """A random thing in a square of `size` pixels."""
    kind = _KINDS[int(random.choice(len(_KINDS), p=_CHANCES))]
    coverage, outline = kind(size * _FINER, random)
    return Thing(_averaged(coverage, size), _averaged(outline, size))


def _averaged(canvas: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _hair(size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A head and strands that leave it."""
    outline = np.zeros((size, size), np.uint8)
    radius = size * random.uniform(0.3, 1.2)
    inward = random.uniform(0, 2 * np.pi)
    centre = size / 2 + (radius - size * random.uniform(-0.1, 0.15)) * np.array([np.cos(inward), np.sin(inward)])
    cv2.circle(outline, _point(centre), round(radius), 255, -1)
    canvas = outline.copy()
    spread = size / max(radius, 1)
    tangled = random.uniform(0, 1)
    for _ in range(int(random.integers(4, 70))):
        angle = inward + np.pi + random.uniform(-1, 1) * 0.7 * spread
        start = centre + radius * 0.98 * np.array([np.cos(angle), np.sin(angle)])
        heading = angle + random.normal(0, 0.3 + 0.6 * tangled)
        length = _FINER * random.gamma(2.0, 5.0)
        _strand(canvas, start, heading, length, random.normal(0, 0.5 + tangled), _width(0.25, 1.6, random), random)
    return canvas, outline


def _cables(size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One to three long curves across the picture; a person leaves the thinnest out."""
    canvas = np.zeros((size, size), np.uint8)
    outline = canvas.copy()
    for _ in range(int(random.integers(1, 4))):
        width = _width(0.5, 6, random)
        start, heading = random.uniform(0.1, 0.9, 2) * size, random.uniform(0, 2 * np.pi)
        bend = random.normal(0, 0.6)
        targets = (canvas, outline) if width > 2 * _FINER else (canvas,)
        for direction in (heading, heading + np.pi):
            for target in targets:
                _strand(target, start, direction, size * 1.2, bend if direction == heading else -bend, width)
    return canvas, outline


def _leaves(size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Leaves around stems; the outline closes the gaps between them."""
    canvas = np.zeros((size, size), np.uint8)
    root = random.uniform(-0.2, 1.2, 2) * size
    slim = random.uniform(0.08, 0.45)
    for _ in range(int(random.integers(3, 22))):
        angle = random.uniform(0, 2 * np.pi)
        reach = size * random.uniform(0.1, 0.9)
        tip = root + reach * np.array([np.cos(angle), np.sin(angle)])
        length = _FINER * random.uniform(5, 26)
        turn = angle + random.normal(0, 0.6)
        along = np.linspace(0, 1, 12)
        side = slim * length * np.sin(np.pi * along**0.8)
        axis, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        edge = np.concatenate([along[:, None] * length * axis + side[:, None] * across,
                               (along[:, None] * length * axis - side[:, None] * across)[::-1]])  # fmt: skip
        cv2.fillPoly(canvas, [np.rint(tip + edge).astype(np.int32)], 255)
        if random.random() < 0.6:
            cv2.line(canvas, _point(root), _point(tip), 255, _width(0.4, 1.5, random))
    around = np.ones((2 * _FINER + 1,) * 2, np.uint8)
    return canvas, cv2.morphologyEx(cv2.morphologyEx(canvas, cv2.MORPH_OPEN, around), cv2.MORPH_CLOSE, around)


def _fringe(size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A half of the picture with a frayed edge: fur, cloth, a plant far away."""
    distance = _half(size, random)
    fray = np.zeros((size, size), np.float32)
    for cell in (2, 4, 10):
        count = max(2, size // (cell * _FINER))
        waves = random.normal(size=(count, count)).astype(np.float32)
        fray += cv2.resize(waves, (size, size), interpolation=cv2.INTER_CUBIC) * random.uniform(0.3, 1) * cell
    frayed = distance + _FINER * fray * random.uniform(0.1, 0.8)
    return ((frayed > 0) * 255).astype(np.uint8), ((distance > 0) * 255).astype(np.uint8)


def _shape(size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A blob, a polygon, or a half of the picture: a plain, sharp edge."""
    if random.random() < 0.4:
        canvas = ((_half(size, random) > 0) * 255).astype(np.uint8)
        return canvas, canvas
    centre, radius = random.uniform(0, 1, 2) * size, size * random.uniform(0.06, 0.6)
    corners = int(random.integers(3, 9)) if random.random() < 0.5 else 64
    angles = np.sort(random.uniform(0, 2 * np.pi, corners)) if corners < 10 else np.linspace(0, 2 * np.pi, corners)
    distance = np.ones(corners) if corners < 10 else 1 + 0.3 * np.sin(
        random.integers(1, 6) * angles + random.uniform(0, 6)
    ) * random.uniform(0, 1)  # fmt: skip
    points = centre + radius * distance[:, None] * np.stack([np.cos(angles), np.sin(angles)], -1)
    canvas = np.zeros((size, size), np.uint8)
    cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], 255)
    return canvas, canvas


_Kind = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]
_KINDS: tuple[_Kind, ...] = (_hair, _leaves, _cables, _fringe, _shape)
_CHANCES = (0.3, 0.2, 0.15, 0.1, 0.25)


def _strand(
    canvas: np.ndarray,
    start: np.ndarray,
    heading: float,
    length: float,
    bend: float,
    width: int,
    random: np.random.Generator | None = None,
) -> None:
    """Draw a curve of constant curvature; `bend` is by how many radians it turns on its way."""
    steps = np.linspace(0, 1, 10)
    angles = heading + bend * steps
    if random is not None:
        angles = angles + 0.15 * np.cumsum(random.normal(size=10))
    points = start + np.cumsum(np.stack([np.cos(angles), np.sin(angles)], -1), 0) * length / 10
    cv2.polylines(canvas, [np.rint(np.vstack([start, points])).astype(np.int32)], False, 255, width)


def _width(low: float, high: float, random: np.random.Generator) -> int:
    """Width on the finer canvas of something `low` to `high` pixels wide."""
    return max(1, round(_FINER * float(np.exp(random.uniform(np.log(low), np.log(high))))))


def _half(size: int, random: np.random.Generator) -> np.ndarray:
    """(size, size) float32 signed distance to a line near the middle."""
    angle, shift = random.uniform(0, 2 * np.pi), random.uniform(-0.2, 0.2) * size
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    return (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) + np.float32(shift)).astype(np.float32)


def _point(at: np.ndarray) -> tuple[int, int]:
    return round(float(at[0])), round(float(at[1]))
