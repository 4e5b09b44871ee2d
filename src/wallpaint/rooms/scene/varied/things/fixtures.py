"""What is built into varied rooms: mouldings, columns, beams, wall-high wardrobes, kitchens, chimney pieces, pipes.

Coordinates of a thing at a wall: x along it, y away from it, z up.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh, box, flat, soft_box, tube
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte, metal
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.snapshots.labels import Label

BLACK = glossy((0.015, 0.015, 0.017), 0.12)


def moulding(profile: list[tuple[float, float]], x0: float, x1: float) -> Mesh:
    """A strip of constant profile, (y, z) pairs from the bottom up, from x0 to x1; closed at its ends."""
    quads = [[(x1, *a), (x0, *a), (x0, *b), (x1, *b)] for a, b in pairwise(profile)]
    (y0, z0), (y1, z1) = profile[0], profile[-1]
    ends = [
        [
            (x, 0.0005, min(z0, z1)),
            (x, max(y0, y1), min(z0, z1)),
            (x, max(y0, y1), max(z0, z1)),
            (x, 0.0005, max(z0, z1)),
        ]
        for x in (x0, x1)
    ]
    return flat(np.array(quads + ends))


def coving(rng: np.random.Generator, size: float, ceiling: float, x0: float, x1: float) -> Mesh:
    """Between wall and ceiling: a quarter round, a slope or steps."""
    kind = rng.integers(3)
    if kind == 0:
        angles = np.linspace(0, np.pi / 2, 5)
        profile = [(size * (1 - np.cos(a)) + 0.002, ceiling - size + size * np.sin(a)) for a in angles]
    elif kind == 1:
        profile = [(0.002, ceiling - size), (size * 0.7, ceiling - 0.001)]
    else:
        s, c = size, ceiling
        steps = [(0.35 * s, c - s), (0.35 * s, c - 0.6 * s), (0.7 * s, c - 0.6 * s), (0.7 * s, c - 0.25 * s)]
        profile = [(0.002, c - s), *steps, (s, c - 0.25 * s), (s, c - 0.001)]
    return moulding(profile, x0, x1)


def column(width: float, depth: float, height: float) -> list[Mesh]:
    """The three faces (left, front, right) of a pillar that stands at a wall, about x = 0."""
    x, y = width / 2, depth
    return [
        flat(np.array([[(a[0], a[1], 0), (b[0], b[1], 0), (b[0], b[1], height), (a[0], a[1], height)]]))
        for a, b in (((-x, y), (-x, 0)), ((x, y), (-x, y)), ((x, 0), (x, y)))
    ]


def wardrobe_wall(palette: Palette, width: float, height: float) -> Thing:
    """Cupboards over the whole height, their fronts white, panelled, mirrored or of wood."""
    rng, depth = palette.rng, palette.rng.uniform(0.45, 0.65)
    front = _front(palette)
    parts = [Part(box(width, depth - 0.02, height).moved(0, depth / 2 - 0.01, 0), front)]
    leaves = max(2, round(width / rng.uniform(0.4, 0.9)))
    split = rng.uniform(0.7, 0.82) * height if rng.random() < 0.4 else height
    panelled, mirrored, plinth = rng.random() < 0.5, rng.random() < 0.2, 0.08
    glass = metal((0.85, 0.87, 0.86), 0.0)
    for leaf in range(leaves):
        x = -width / 2 + (leaf + 0.5) * width / leaves
        for low, high in ((plinth, split), (split, height)):
            if high - low < 0.2:
                continue
            face = glass if mirrored and leaf % 2 == 0 and low == plinth else front
            tall = high - low - 0.012
            parts.append(Part(box(width / leaves - 0.008, 0.018, tall).moved(x, depth - 0.008, low + 0.006), face))
            if panelled and face is front:
                inner = box(width / leaves - 0.14, 0.008, tall - 0.16).moved(x, depth + 0.005, low + 0.086)
                parts.append(Part(inner, front))
        side = (0.5 if leaf % 2 == 0 else -0.5) * width / leaves * 0.82
        if rng.random() < 0.8:
            handle = tube((x + side, depth + 0.02, 0.95), (x + side, depth + 0.02, 1.15), 0.008, 8)
            parts.append(Part(handle, palette.steel))
    return Thing("wardrobe", tuple(parts)).moved(0, 0.02, 0)


def kitchen(palette: Palette, width: float, ceiling: float) -> Thing:
    """Cabinets, a worktop, a tiled splashback with its hood, wall cabinets, and things on the top."""
    rng, front, top = palette.rng, _front(palette), _worktop(palette)
    parts = [
        Part(box(width, 0.52, 0.08).moved(0, 0.27, 0), palette.dark),
        Part(box(width, 0.56, 0.78).moved(0, 0.29, 0.08), front),
        Part(box(width, 0.62, 0.04).moved(0, 0.32, 0.86), top),
    ]
    units = max(2, round(width / 0.6))
    oven = int(rng.integers(units))
    hood, uppers = rng.random() < 0.6, rng.random() < 0.75
    low, high = rng.uniform(1.38, 1.5), min(ceiling - 0.02, rng.choice([2.1, 2.2, ceiling]))
    for unit in range(units):
        x = -width / 2 + (unit + 0.5) * width / units
        wide = width / units - 0.006
        if unit == oven:
            parts.append(Part(box(wide, 0.02, 0.7).moved(x, 0.58, 0.1), BLACK if rng.random() < 0.6 else palette.steel))
            parts.append(Part(box(wide - 0.04, 0.5, 0.006).moved(x, 0.32, 0.9), BLACK))
        else:
            parts.append(Part(box(wide, 0.018, 0.74).moved(x, 0.58, 0.1), front))
            parts.append(Part(box(0.12, 0.015, 0.012).moved(x, 0.597, 0.75), palette.steel))
        if unit == oven and hood:
            parts.append(Part(box(wide, 0.45, 0.06).moved(x, 0.235, low + 0.1), palette.steel))
            parts.append(Part(box(0.24, 0.22, high - low - 0.16).moved(x, 0.13, low + 0.16), palette.steel))
        elif uppers:
            parts.append(Part(box(width / units, 0.32, high - low).moved(x, 0.17, low), front))
            parts.append(Part(box(wide, 0.016, high - low - 0.006).moved(x, 0.337, low + 0.003), front))
    tile = glossy(finishes.tiled(rng), 0.12)
    back = [(-width / 2, 0.007, 0.9), (width / 2, 0.007, 0.9), (width / 2, 0.007, low), (-width / 2, 0.007, low)]
    quad = np.array([back[::-1]])
    parts.append(Part(flat(quad, quad[..., [0, 2]]), tile, Label.OTHER))
    shelf = ((-width / 2 + 0.05, width / 2 - 0.05, 0.06, 0.5, 0.907, low - 0.95),)
    if rng.random() < 0.5 and ceiling > 1.95:
        x = width / 2 + 0.32
        fridge = palette.trim if rng.random() < 0.5 else palette.steel
        parts += [
            Part(box(0.6, 0.6, 1.85).moved(x, 0.32, 0), fridge),
            Part(box(0.59, 0.02, 1.1).moved(x, 0.63, 0.72), fridge),
            Part(box(0.59, 0.02, 0.66).moved(x, 0.63, 0.04), fridge),
        ]
    return Thing("kitchen", tuple(parts), shelf).moved(0, 0.016, 0)


def chimney_piece(palette: Palette, width: float) -> Thing:
    """A mantel around a dark hearth."""
    face = palette.trim if palette.rng.random() < 0.6 else matte(palette.color(0.3, 0.8, 0.3))
    height, leg = palette.rng.uniform(0.95, 1.2), 0.16
    parts = [Part(box(leg, 0.12, height).moved(side * (width - leg) / 2, 0.07, 0), face) for side in (-1, 1)]
    parts += [
        Part(box(width - 2 * leg, 0.12, 0.22).moved(0, 0.07, height - 0.22), face),
        Part(box(width + 0.1, 0.2, 0.04).moved(0, 0.11, height), face),
        Part(box(width - 2 * leg, 0.02, height - 0.22).moved(0, 0.02, 0), BLACK),
    ]
    shelf = ((-width / 2, width / 2, 0.03, 0.18, height + 0.04, 0.5),)
    return Thing("chimney piece", tuple(parts), shelf).moved(0, 0.016, 0)


def pipes(palette: Palette, height: float) -> Thing:
    """One or two pipes or cables up a wall, about x = 0."""
    rng = palette.rng
    cover = palette.trim if rng.random() < 0.6 else palette.dark
    radius = rng.choice([0.006, 0.012, 0.03])
    parts = [
        Part(tube((x, radius + 0.004, 0.0), (x, radius + 0.004, height), radius, 8), cover)
        for x in np.arange(int(rng.integers(1, 4))) * (2.6 * radius + 0.01)
    ]
    return Thing("pipes", tuple(parts))


def cable(palette: Palette, length: float) -> Thing:
    """A trunking of plastic along a wall."""
    return Thing("pipes", (Part(box(length, 0.015, 0.025).moved(length / 2, 0.009, 0), palette.trim),))


def radiator(palette: Palette, width: float, height: float) -> Thing:
    """A flat or column radiator about x = 0, its foot at z = 0.12."""
    rng = palette.rng
    cover = palette.trim if rng.random() < 0.8 else palette.dark
    if rng.random() < 0.5:
        panel = [Part(soft_box(width, 0.06, height, 0.012).moved(0, 0.08, 0.12), cover)]
        grooves = np.linspace(-width / 2 + 0.04, width / 2 - 0.04, max(3, round(width / 0.08)))
        panel += [Part(box(0.03, 0.008, height - 0.08).moved(x, 0.113, 0.16), cover) for x in grooves]
        return Thing("radiator", tuple(panel))
    count = max(3, round(width / 0.07))
    ribs = [
        Part(box(0.035, 0.1, height).moved(-width / 2 + (i + 0.5) * width / count, 0.09, 0.12), cover)
        for i in range(count)
    ]
    bars = [Part(box(width, 0.04, 0.04).moved(0, 0.09, z), cover) for z in (0.16, 0.05 + height)]
    return Thing("radiator", (*ribs, *bars))


def _front(palette: Palette) -> Material:
    rng = palette.rng
    pick = rng.random()
    if pick < 0.55:
        return glossy(finishes.white(rng), 0.25) if rng.random() < 0.7 else matte(finishes.white(rng))
    return palette.wood if pick < 0.75 else glossy(palette.color(0.1, 0.8, 0.6), 0.25)


def _worktop(palette: Palette) -> Material:
    rng = palette.rng
    if rng.random() < 0.4:
        return palette.wood
    speckle = (0.7 + 0.6 * rng.random((64, 64, 1))) * rng.uniform(0.05, 0.7)
    return glossy(Texture(np.repeat(speckle, 3, -1).astype(np.float32).clip(0.01, 0.9), (0.4, 0.4)), 0.12)
