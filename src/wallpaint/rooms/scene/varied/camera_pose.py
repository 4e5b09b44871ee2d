"""Poses of photographs of varied rooms: any corner, any direction, phones and wide lenses, tilted, close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.rooms.scene.plan import Plan
from wallpaint.rooms.scene.viewpoint import Viewpoint, VisibleShares, look

SHAPES = (*((4, 3),) * 4, *((3, 2),) * 3, (16, 9), *((3, 4),) * 3, (2, 3), (9, 16), (1, 1))


@dataclass(frozen=True)
class Lens:
    """What a pinhole lacks.

    Attributes
    ----------
    aspect : (int, int)
        Width to height.
    distortion, aperture, focus : float
        As in `wallpaint.rooms.snapshots.rays.Rays`.
    """

    aspect: tuple[int, int]
    distortion: float
    aperture: float
    focus: float


def draw_lens(rng: np.random.Generator, field_of_view: float) -> Lens:
    aspect = SHAPES[rng.integers(len(SHAPES))]
    bend = rng.normal(0, 0.015) - 0.06 * max(0.0, (field_of_view - 75) / 35) * rng.random()
    aperture = rng.uniform(0.004, 0.03) if rng.random() < 0.25 else 0.0
    return Lens(aspect, float(np.clip(bend, -0.12, 0.04)), float(aperture), float(rng.uniform(1.5, 5)))


def draw_viewpoint(rng: np.random.Generator, plan: Plan, boxes: np.ndarray) -> tuple[Viewpoint, VisibleShares]:
    """A pose that sees some wall and is not blocked; the best of many where none is good."""
    best: tuple[float, Viewpoint, VisibleShares] | None = None
    low = rng.choice([0.04, 0.15, 0.28], p=[0.15, 0.4, 0.45])
    near = 1.0 if rng.random() < 0.25 else 1.8
    for _ in range(60):
        viewpoint = _draw_pose(rng, plan)
        if viewpoint is None or _inside(viewpoint.eye, boxes):
            continue
        view = look(plan, boxes, viewpoint)
        wall = view.walls.sum()
        if wall > 0.1 and view.crowding < 0.1 and low < view.things < 0.7 and view.median_depth > near:
            return viewpoint, view
        merit = min(wall, 0.3) - 2 * view.crowding - 0.5 * abs(view.things - 0.3)
        if best is None or merit > best[0]:
            best = merit, viewpoint, view
    if best is None:
        middle = np.append(plan.rectangles()[0].mean(0), 1.2)
        viewpoint = Viewpoint(middle, middle + np.array([1.0, 0.3, 0.0]), np.array([0, 0, 1.0]), 60.0)
        return viewpoint, look(plan, boxes, viewpoint)
    return best[1], best[2]


def _draw_pose(rng: np.random.Generator, plan: Plan) -> Viewpoint | None:
    low, high = plan.corners.min(0), plan.corners.max(0)
    place = rng.uniform(low, high)
    if rng.random() < 0.35:
        corner = plan.corners[rng.integers(len(plan.corners))]
        place = corner + rng.uniform(0.2, 0.9, 2) * np.sign((low + high) / 2 - corner)
    ring = place + 0.15 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    if not plan.contains(np.vstack([place, ring])).all():
        return None
    height = float(np.clip(rng.normal(1.4, 0.3), 0.4, 2.3))
    if height > plan.ceiling_at(place) - 0.15:
        return None
    middle = plan.rectangles()[rng.integers(len(plan.rectangles()))].mean(0)
    way = middle - place if rng.random() < 0.5 else rng.normal(size=2)
    heading = np.arctan2(way[1], way[0]) + rng.normal(0, 0.5)
    tilt = np.radians(np.clip(rng.normal(-2, 8), -30, 25))
    roll = np.radians(rng.normal(0, 1.0) if rng.random() < 0.8 else rng.normal(0, 5))
    ahead = np.array([np.cos(heading), np.sin(heading)])
    aim = np.append(place + ahead, height + np.tan(tilt))
    across = np.array([ahead[1], -ahead[0], 0])
    narrow, usual, wide = rng.uniform(36, 55), rng.uniform(55, 84), rng.uniform(84, 106)
    angle = rng.choice([narrow, usual, wide], p=[0.1, 0.65, 0.25])
    return Viewpoint(np.append(place, height), aim, np.array([0, 0, 1.0]) + np.tan(roll) * across, float(angle))


def _inside(eye: np.ndarray, boxes: np.ndarray, margin: float = 0.12) -> bool:
    return bool(((boxes[:, 0] - margin < eye) & (eye < boxes[:, 1] + margin)).all(-1).any())
