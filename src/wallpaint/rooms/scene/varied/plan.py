"""Shells of varied rooms: chambers, corridors, halls, attics; recesses, chimney breasts and holes of many kinds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh, flat
from wallpaint.rooms.scene.plan import Opening, Plan, Wall, replace_normals

KINDS = ("box", "l-shape", "alcove", "chimney breast", "sloped", "corridor", "hall", "small")
_CHANCES = (0.3, 0.12, 0.1, 0.1, 0.1, 0.06, 0.08, 0.14)
NICHE = "niche"  #: a recess in a wall that does not go through it


def draw_plan(rng: np.random.Generator) -> Plan:
    """A shell without openings."""
    kind = str(rng.choice(KINDS, p=_CHANCES))
    width, depth, height = rng.uniform(3.0, 6.5), rng.uniform(3.0, 6.5), rng.uniform(2.3, 3.1)
    if kind == "corridor":
        width, depth = rng.uniform(1.4, 2.2), rng.uniform(5, 9)
    elif kind == "hall":
        width, depth, height = rng.uniform(7, 13), rng.uniform(7, 15), rng.uniform(2.8, 5.0)
    elif kind == "small":
        width, depth = rng.uniform(2.0, 3.2), rng.uniform(2.2, 3.6)
    slope = np.zeros(2)
    corners = np.array([(0, 0), (width, 0), (width, depth), (0, depth)], float)
    if kind == "l-shape":
        notch = np.array([width * rng.uniform(0.25, 0.5), depth * rng.uniform(0.25, 0.5)])
        inner = np.array([width, depth]) - notch
        corners = np.array([(0, 0), (width, 0), (width, inner[1]), inner, (inner[0], depth), (0, depth)])
    elif kind in ("alcove", "chimney breast"):
        wide, deep = rng.uniform(1.0, min(2.2, width - 1.2)), rng.uniform(0.2, 0.8)
        left = rng.uniform(0.4, width - wide - 0.4)
        back = depth + deep if kind == "alcove" else depth - min(deep, 0.5)
        bay = [(left + wide, depth), (left + wide, back), (left, back), (left, depth)]
        corners = np.array([(0, 0), (width, 0), (width, depth), *bay, (0, depth)])
    elif kind == "sloped":
        low, axis = rng.uniform(0.7, 1.8), int(rng.integers(2))
        slope[axis] = (low - height) / (width, depth)[axis]
    walls = tuple(Wall(a, b) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True))
    return Plan(kind, corners, float(height), slope, walls)


def open_walls(rng: np.random.Generator, plan: Plan) -> Plan:
    """Doors, doorways, windows from slits to glass fronts, and niches; several to a wall where they fit."""
    hall = plan.kind == "hall"
    wanted = ["door"] * int(rng.choice([0, 1, 2], p=[0.25, 0.5, 0.25])) + ["doorway"] * int(rng.random() < 0.2)
    wanted += ["window"] * int(rng.choice([0, 1, 2, 3, 5], p=[0.15, 0.3, 0.3, 0.15, 0.1]))
    wanted += [NICHE] * int(rng.choice([0, 1, 2], p=[0.8, 0.13, 0.07]))
    rng.shuffle(wanted)
    level = rng.uniform(0.5, 1.1), rng.uniform(1.0, 1.5)  # windows of one room share their sill and lintel
    for kind in wanted:
        for _ in range(6):
            index = int(rng.integers(len(plan.walls)))
            wall = plan.walls[index]
            opening = _draw_opening(rng, kind, level, wall.length, hall)
            if opening is not None and _is_clear(plan, wall, opening):
                plan = plan.with_openings(index, opening)
                break
    return plan


def _draw_opening(
    rng: np.random.Generator, kind: str, level: tuple[float, float], length: float, hall: bool
) -> Opening | None:
    if kind == "door":
        width, bottom, top = rng.uniform(0.75, 0.98), 0.0, rng.uniform(1.95, 2.2)
        if rng.random() < 0.15:
            width = rng.uniform(1.3, 1.8)
    elif kind == "doorway":
        width, bottom, top = rng.uniform(0.85, 1.8), 0.0, rng.uniform(2.0, 2.25)
    elif kind == NICHE:
        width, bottom = rng.uniform(0.3, 1.1), rng.uniform(0.5, 1.3)
        top = bottom + rng.uniform(0.3, 0.9)
    else:
        width, bottom, top = rng.uniform(0.6, 2.4), level[0], level[0] + level[1]
        if rng.random() < 0.15:
            bottom, top, width = 0.03, rng.uniform(2.05, 2.2), rng.uniform(0.9, 2.8)
        elif hall and rng.random() < 0.4:
            bottom, top = 1.6, 2.5
    slack = length - width - 0.5
    if slack <= 0:
        return None
    left = 0.25 + slack * rng.random()
    return Opening(kind, float(left), float(left + width), float(bottom), float(top))


def _is_clear(plan: Plan, wall: Wall, opening: Opening) -> bool:
    ends = np.array([wall.point(at, 0)[:2] for at in (opening.left, opening.right)])
    if not (plan.ceiling_at(ends) > opening.top + 0.12).all():
        return False
    return all(opening.right + 0.35 < hole.left or opening.left - 0.35 > hole.right for hole in wall.openings)


def band_mesh(plan: Plan, wall: Wall, low: float, high: float) -> Mesh | None:
    """The part of a wall's inner face between two heights, openings left out; None where nothing is left."""
    holes = wall.openings
    levels = sorted({low, *(edge for hole in holes for edge in (hole.bottom, hole.top) if low < edge < high)})
    roof = [float(plan.ceiling_at(wall.point(at, 0)[:2])) for at in (0.0, wall.length)]
    rise = (roof[1] - roof[0]) / wall.length
    under = [(level - roof[0]) / rise for level in (*levels, high)] if abs(rise) > 1e-9 else []
    cuts = {0.0, wall.length, *(edge for hole in holes for edge in (hole.left, hole.right))}
    steps = sorted(cuts | {at for at in under if 0 < at < wall.length})
    quads = []
    for left, right in pairwise(steps):
        tops = [roof[0] + rise * left, roof[0] + rise * right]
        for row, start in enumerate(levels):
            end = levels[row + 1] if row + 1 < len(levels) else high
            ends = [min(end, top) for top in tops]
            if max(ends) <= start + 1e-6:
                continue
            middle = (left + right) / 2, (start + min(end, sum(tops) / 2)) / 2
            if not any(h.left < middle[0] < h.right and h.bottom < middle[1] < h.top for h in holes):
                quads.append([(left, start), (right, start), (right, ends[1]), (left, ends[0])])
    if not quads:
        return None
    uv = np.array(quads)
    mesh = flat(np.array([[wall.point(*at) for at in quad] for quad in quads]), uv)
    return replace_normals(mesh, wall.inward)


def niche_back(wall: Wall, opening: Opening, depth: float) -> Mesh:
    """The back of a niche."""
    corners = [
        (opening.left, opening.bottom),
        (opening.right, opening.bottom),
        (opening.right, opening.top),
        (opening.left, opening.top),
    ]
    return flat(np.array([[wall.point(along, up, -depth) for along, up in corners]]), np.array([corners]))


def is_reflex(plan: Plan, index: int) -> bool:
    """Whether the outline juts into the room where wall `index` starts."""
    before, after = plan.walls[index - 1].along, plan.walls[index].along
    return bool(before[0] * after[1] - before[1] * after[0] < 0)
