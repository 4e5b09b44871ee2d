"""Floor plans: walls, ceiling, and openings for windows, doors and doorways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh, flat, merged

KINDS = ("box", "box", "l-shape", "sloped", "alcove", "next-room")
WALL_THICKNESS = 0.16  # metres; the depth of a window's reveal


@dataclass(frozen=True)
class Opening:
    """A rectangular hole in a wall, in metres along the wall and up; `kind` is window, door or doorway."""

    kind: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, eq=False)
class Wall:
    """A straight wall from `start` to `end`, (2,) in metres; the room is on its left."""

    start: np.ndarray
    end: np.ndarray
    openings: tuple[Opening, ...] = ()

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.end - self.start))

    @property
    def along(self) -> np.ndarray:
        """(3,) unit vector from start to end."""
        return np.append((self.end - self.start) / self.length, 0.0)

    @property
    def inward(self) -> np.ndarray:
        """(3,) unit normal into the room."""
        along = self.along
        return np.array([-along[1], along[0], 0.0])

    def point(self, along: float, up: float, inward: float = 0.0) -> np.ndarray:
        """(3,) point at given metres along the wall, up, and in front of it."""
        return np.append(self.start, 0.0) + along * self.along + inward * self.inward + np.array([0, 0, up])

    @property
    def angle(self) -> float:
        """Rotation about z in radians from a thing's own coordinates (x along its wall, y away from it) to here."""
        return float(np.arctan2(self.along[1], self.along[0]))


@dataclass(frozen=True, eq=False)
class Plan:
    """Shell of a room.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    corners : (N, 2) float
        Rectilinear outline of the floor, counter-clockwise, in metres.
    height : float
        Height of the ceiling at the origin in metres.
    slope : (2,) float
        Rise of the ceiling for each metre of x and y.
    walls : tuple of Wall
        One wall for each side of the outline, in its order.
    """

    kind: str
    corners: np.ndarray
    height: float
    slope: np.ndarray
    walls: tuple[Wall, ...]

    def ceiling_at(self, points: np.ndarray) -> np.ndarray:
        """(...,) height of the ceiling over points (..., 2)."""
        return self.height + points @ self.slope

    def contains(self, points: np.ndarray) -> np.ndarray:
        """(...,) bool: which points (..., 2) lie within the outline (even-odd rule)."""
        x, y = points[..., 0], points[..., 1]
        inside = np.zeros(x.shape, bool)
        for wall in self.walls:
            (x0, y0), (x1, y1) = wall.start, wall.end
            if y0 != y1:
                inside ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return inside

    def rectangles(self) -> np.ndarray:
        """(N, 4, 2) counter-clockwise rectangles that make up the floor."""
        xs, ys = np.unique(self.corners[:, 0]), np.unique(self.corners[:, 1])
        cells = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, x1 in pairwise(xs) for y0, y1 in pairwise(ys)]
        grid = np.array(cells)
        return grid[self.contains(grid.mean(1))]

    def with_openings(self, index: int, *openings: Opening) -> Plan:
        walls = list(self.walls)
        walls[index] = replace(walls[index], openings=(*walls[index].openings, *openings))
        return replace(self, walls=tuple(walls))

    def wall_mesh(self, wall: Wall) -> Mesh:
        """The wall's inner face without its openings; texture coordinates in metres."""
        holes = wall.openings
        cuts = sorted({0.0, wall.length, *(edge for hole in holes for edge in (hole.left, hole.right))})
        levels = sorted({0.0, *(edge for hole in holes for edge in (hole.bottom, hole.top))})
        quads = []
        for left, right in pairwise(cuts):
            tops = [float(self.ceiling_at(wall.point(at, 0)[:2])) for at in (left, right)]
            for row, low in enumerate(levels):
                high = [levels[row + 1]] * 2 if row + 1 < len(levels) else tops
                middle = (left + right) / 2, (low + min(high)) / 2
                if not any(h.left < middle[0] < h.right and h.bottom < middle[1] < h.top for h in holes):
                    quads.append([(left, low), (right, low), (right, high[1]), (left, high[0])])
        uv = np.array(quads)
        mesh = flat(np.array([[wall.point(*at) for at in quad] for quad in quads]), uv)
        return replace_normals(mesh, wall.inward)

    def floor_mesh(self) -> Mesh:
        rectangles = self.rectangles()
        return flat(np.concatenate([rectangles, np.zeros((*rectangles.shape[:2], 1))], -1), rectangles)

    def ceiling_mesh(self) -> Mesh:
        rectangles = self.rectangles()[:, ::-1]
        return flat(np.concatenate([rectangles, self.ceiling_at(rectangles)[..., None]], -1), rectangles)

    def reveal_mesh(self, wall: Wall, opening: Opening) -> Mesh:
        """The four inner sides of a hole through the wall."""
        rim = [
            (opening.left, opening.bottom),
            (opening.right, opening.bottom),
            (opening.right, opening.top),
            (opening.left, opening.top),
        ]
        sides = [
            [wall.point(*a), wall.point(*b), wall.point(*b, -WALL_THICKNESS), wall.point(*a, -WALL_THICKNESS)]
            for a, b in zip(rim, [*rim[1:], rim[0]], strict=True)
        ]
        return flat(np.array(sides))


def replace_normals(mesh: Mesh, normal: np.ndarray) -> Mesh:
    return replace(mesh, normals=np.broadcast_to(normal, mesh.vertices.shape).copy())


def draw_plan(rng: np.random.Generator) -> Plan:
    """A random shell without openings."""
    kind = str(rng.choice(KINDS))
    width, depth, height = rng.uniform(3.2, 5.8), rng.uniform(3.2, 5.8), rng.uniform(2.35, 2.95)
    slope = np.zeros(2)
    corners = np.array([(0, 0), (width, 0), (width, depth), (0, depth)], float)
    if kind == "l-shape":
        notch = np.array([width * rng.uniform(0.3, 0.5), depth * rng.uniform(0.3, 0.5)])
        inner = np.array([width, depth]) - notch
        corners = np.array([(0, 0), (width, 0), (width, inner[1]), inner, (inner[0], depth), (0, depth)])
    elif kind == "alcove":
        opening, recess = rng.uniform(1.3, 2.2), rng.uniform(0.35, 0.8)
        left = rng.uniform(0.4, width - opening - 0.4)
        right, back = left + opening, depth + recess
        niche = [(right, depth), (right, back), (left, back), (left, depth)]
        corners = np.array([(0, 0), (width, 0), (width, depth), *niche, (0, depth)])
    elif kind == "sloped":
        low, axis = rng.uniform(1.3, 1.8), int(rng.integers(2))
        slope[axis] = (low - height) / (width, depth)[axis]
    walls = tuple(Wall(a, b) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True))
    return Plan(kind, corners, float(height), slope, walls)


def open_walls(rng: np.random.Generator, plan: Plan) -> Plan:
    """A copy of a plan with one to three windows, a door, and a doorway if it has a next room."""
    order = [int(index) for index in rng.permutation(len(plan.walls))]
    wide = [index for index in order if plan.walls[index].length > 1.9]
    doors = ["doorway"] if plan.kind == "next-room" else ["door"] if rng.random() < 0.7 else []
    for kind in doors:
        index = wide.pop() if len(wide) > 1 else wide[0]
        wall, width = plan.walls[index], rng.uniform(0.8, 0.95) if kind == "door" else rng.uniform(0.85, 1.6)
        left = _clear_of_low_ceiling(plan, wall, 2.15, float(rng.uniform(0.35, wall.length - width - 0.35)), width)
        if left is not None:
            plan = plan.with_openings(index, Opening(kind, left, left + width, 0.0, rng.uniform(1.98, 2.08)))
    for index in wide[: int(rng.choice([1, 2, 3], p=[0.4, 0.45, 0.15]))]:
        wall, height = plan.walls[index], rng.uniform(1.0, 1.45)
        width = min(rng.uniform(0.9, 2.4), wall.length - 1.0)
        french = rng.random() < 0.12
        bottom = 0.03 if french else rng.uniform(0.55, 1.0)
        top = 2.1 if french else bottom + height
        left = _clear_of_low_ceiling(plan, wall, top + 0.1, float(rng.uniform(0.45, wall.length - width - 0.45)), width)
        if left is not None:
            plan = plan.with_openings(index, Opening("window", left, left + width, bottom, top))
    return plan


def _clear_of_low_ceiling(plan: Plan, wall: Wall, top: float, left: float, width: float) -> float | None:
    ends = np.array([wall.point(at, 0)[:2] for at in (left, left + width)])
    return left if (plan.ceiling_at(ends) > top).all() else None


def next_room_mesh(wall: Wall, opening: Opening, height: float, width: float, depth: float) -> tuple[Mesh, Mesh, Mesh]:
    """Walls, floor and ceiling of a room behind a doorway: a box that touches the back of the wall."""
    left, right = opening.centre - width / 2, opening.centre + width / 2
    near, far = -WALL_THICKNESS, -WALL_THICKNESS - depth

    def at(along: float, inward: float, up: float) -> np.ndarray:
        return wall.point(along, up, inward)

    def panel(a: tuple[float, float], b: tuple[float, float], low: float = 0.0) -> np.ndarray:
        return np.array([at(*a, low), at(*b, low), at(*b, height), at(*a, height)])

    panels = [
        panel((left, near), (left, far)),
        panel((left, far), (right, far)),
        panel((right, far), (right, near)),
        panel((right, near), (opening.right, near)),
        panel((opening.left, near), (left, near)),
        panel((opening.right, near), (opening.left, near), opening.top),
    ]
    outline = [(left, far), (left, near), (right, near), (right, far)]
    threshold = [(opening.left, near), (opening.left, 0.0), (opening.right, 0.0), (opening.right, near)]
    floor = [flat(np.array([[at(*corner, 0.0) for corner in loop]])) for loop in (outline, threshold)]
    ceiling = flat(np.array([[at(*corner, height) for corner in outline[::-1]]]))
    return flat(np.array(panels)), merged(floor), ceiling
