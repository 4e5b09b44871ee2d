"""Camera poses that show a wall, some depth and some objects, as in a typical photo of a room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.rooms.scene.plan import Plan, Wall

SKETCH = 28  # rays on each side for judging a pose; shares are accurate to about 2 %
OUTSIDE = 12.0  # metres; depth of a ray that leaves through an opening


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """A pinhole camera with a square picture.

    Attributes
    ----------
    eye, target, up : (3,) float
        Metres.
    field_of_view : float
        Full horizontal angle of view in degrees.
    """

    eye: np.ndarray
    target: np.ndarray
    up: np.ndarray
    field_of_view: float

    def rays(self, side: int) -> np.ndarray:
        """(side², 3) unit directions through the pixels' centres, rows from the top."""
        forward = self.target - self.eye
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, self.up)
        right /= np.linalg.norm(right)
        above = np.cross(right, forward)
        reach = np.tan(np.radians(self.field_of_view) / 2)
        ticks = ((np.arange(side) + 0.5) / side * 2 - 1) * reach
        directions = forward + ticks[None, :, None] * right - ticks[:, None, None] * above
        directions = directions.reshape(-1, 3)
        return directions / np.linalg.norm(directions, axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class VisibleShares:
    """Contents of the picture from a pose, with things replaced by their bounding boxes.

    Attributes
    ----------
    walls : (number of walls,) float
        Share of the picture that shows each wall, [0, 1].
    things : float
        Share of the picture that shows things, [0, 1].
    crowding : float
        Share of the picture nearer than 0.7 m, [0, 1].
    median_depth : float
        Median distance in metres.
    """

    walls: np.ndarray
    things: float
    crowding: float
    median_depth: float


def look(plan: Plan, boxes: np.ndarray, viewpoint: Viewpoint) -> VisibleShares:
    """Measure a pose by casting `SKETCH`² rays at a room's shell and the boxes (N, 2, 3) in it."""
    rays = viewpoint.rays(SKETCH)
    eye = viewpoint.eye
    to_walls = np.stack([_distance_to_wall(plan, wall, eye, rays) for wall in plan.walls])
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(rays[:, 2] < 0, -eye[2] / rays[:, 2], np.inf)
        rise = rays[:, 2] - rays[:, :2] @ plan.slope
        to_ceiling = np.where(rise > 0, (plan.ceiling_at(eye[:2]) - eye[2]) / rise, np.inf)
        first_side, second_side = (
            (boxes[None, :, end] - eye).astype(np.float32) / rays[:, None].astype(np.float32) for end in (0, 1)
        )
    near = np.minimum(first_side, second_side).max(-1)
    far = np.maximum(first_side, second_side).min(-1)
    hit = (near <= far) & (far > 0)
    to_boxes = np.where(hit, np.maximum(near, 0), np.inf).min(-1, initial=np.inf)
    outside = np.full_like(to_floor, OUTSIDE)
    distances = np.concatenate([to_walls, to_floor[None], to_ceiling[None], outside[None], to_boxes[None]])
    first, depth = distances.argmin(0), distances.min(0)
    walls = np.bincount(first, minlength=len(distances))[: len(plan.walls)] / len(rays)
    things = float((first == len(distances) - 1).mean())
    return VisibleShares(walls, things, float((depth < 0.7).mean()), float(np.median(depth)))


def draw_viewpoint(rng: np.random.Generator, plan: Plan, boxes: np.ndarray) -> tuple[Viewpoint, VisibleShares]:
    """A random pose that shows a wall, some depth and some things; the best of 80 if none is good.

    The camera looks into a corner, at a wall, or along one, 0.9 to 1.75 m high, with an angle of view of 46° to 80° and
    a tilt of up to 9°.
    """
    best: tuple[float, Viewpoint, VisibleShares] | None = None
    for _ in range(80):
        viewpoint = _draw_pose(rng, plan)
        if viewpoint is None or _inside_something(viewpoint.eye, boxes):
            continue
        view = look(plan, boxes, viewpoint)
        biggest = view.walls.max()
        if biggest > 0.14 and view.crowding < 0.03 and 0.12 < view.things < 0.6 and view.median_depth > 1.5:
            return viewpoint, view
        merit = min(biggest, 0.3) - 2 * view.crowding - 0.5 * abs(view.things - 0.3)
        if best is None or merit > best[0]:
            best = merit, viewpoint, view
    if best is None:
        raise RuntimeError("no place for a camera in this room")
    return best[1], best[2]


def _draw_pose(rng: np.random.Generator, plan: Plan) -> Viewpoint | None:
    low, high = plan.corners.min(0), plan.corners.max(0)
    place = rng.uniform(low, high)
    margin = rng.uniform(0.15, 0.5)
    ring = place + margin * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    if not plan.contains(np.vstack([place, ring])).all():
        return None
    height = float(np.clip(rng.normal(1.35, 0.2), 0.9, 1.75))
    style = rng.choice(["corner", "facing", "along"], p=[0.42, 0.28, 0.3])
    if style == "corner":
        aim = plan.corners[rng.integers(len(plan.corners))] + rng.normal(0, 0.35, 2)
    else:
        wall = plan.walls[rng.integers(len(plan.walls))]
        if style == "facing":
            aim = wall.start + (wall.end - wall.start) * rng.uniform(0.2, 0.8)
        else:
            far = max((wall.start, wall.end), key=lambda end: float(np.linalg.norm(end - place)))
            aim = far + wall.inward[:2] * rng.uniform(0.3, 1.3)
    distance = float(np.linalg.norm(aim - place))
    if distance < 2.0 or height > plan.ceiling_at(place) - 0.15:
        return None
    tilt = np.radians(np.clip(rng.normal(-2, 4), -9, 9))
    roll = np.radians(rng.normal(0, 0.5))
    target = np.append(aim, height + distance * np.tan(tilt))
    across = np.array([aim[1] - place[1], place[0] - aim[0], 0]) / distance
    return Viewpoint(
        np.append(place, height), target, np.array([0, 0, 1.0]) + np.tan(roll) * across, float(rng.uniform(46, 80))
    )


def _inside_something(eye: np.ndarray, boxes: np.ndarray, margin: float = 0.25) -> bool:
    return bool(((boxes[:, 0] - margin < eye) & (eye < boxes[:, 1] + margin)).all(-1).any())


def _distance_to_wall(plan: Plan, wall: Wall, eye: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """(R,) metres along each ray to the wall's surface; infinite past its ends and in its openings."""
    start = np.append(wall.start, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = ((start - eye) @ wall.inward) / (rays @ wall.inward)
    points = eye + distance[:, None] * rays
    along, up = (points - start) @ wall.along, points[:, 2]
    hit = (distance > 0) & (along >= 0) & (along <= wall.length) & (up >= 0) & (up <= plan.ceiling_at(points[:, :2]))
    for opening in wall.openings:
        hit &= ~((along > opening.left) & (along < opening.right) & (up > opening.bottom) & (up < opening.top))
    return np.where(hit & np.isfinite(distance), distance, np.inf)
