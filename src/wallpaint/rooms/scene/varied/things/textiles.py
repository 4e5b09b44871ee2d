"""Cloth in varied rooms: beds with pale bedding, clothes on rails and hooks, sheer curtains, blinds."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.geometry import Mesh, box, sheet, soft_box, tube
from wallpaint.rooms.scene.materials import Material, Texture, matte
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import Opening
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.snapshots.labels import Label


def cloth(palette: Palette) -> Material:
    """White or pale, coloured, or patterned."""
    rng = palette.rng
    pick = rng.random()
    if pick < 0.45:
        return matte(textures.cloth(rng, finishes.white(rng)))
    if pick < 0.8:
        return palette.fabric(0.15, 0.95, 0.8)
    ground, figure = palette.color(0.3, 0.95), palette.color(0.1, 0.95, 0.8)
    return matte(Texture(textures.wallpaper(rng, ground, figure), (rng.uniform(0.25, 0.7),) * 2))


def bed(palette: Palette) -> Thing:
    """A mattress with pillows under a crumpled cover."""
    rng = palette.rng
    half, length = float(rng.choice([0.45, 0.7, 0.85])), 2.02
    base, level = rng.uniform(0.12, 0.32), rng.uniform(0.42, 0.58)
    frame = palette.wood if rng.random() < 0.5 else palette.trim if rng.random() < 0.4 else palette.fabric()
    parts = [Part(box(2 * half + 0.06, length + 0.04, base).moved(0, length / 2 + 0.06, 0.06), frame)]
    if rng.random() < 0.75:
        parts.append(Part(soft_box(2 * half + 0.1, 0.06, rng.uniform(0.7, 1.3), 0.02).moved(0, 0.03, 0), frame))
    mattress = soft_box(2 * half, length, level - base - 0.06, 0.06)
    parts.append(Part(mattress.moved(0, length / 2 + 0.06, base + 0.06), matte(finishes.white(rng))))
    for index in range(1 if half < 0.6 else 2):
        x = 0.0 if half < 0.6 else (index - 0.5) * half
        pillow = soft_box(min(0.7, 1.6 * half) if half < 0.6 else half - 0.05, 0.4, 0.16, 0.06, 0.8)
        parts.append(Part(pillow.turned(rng.uniform(0.1, 0.6), "x").moved(x, 0.34, level - 0.02), cloth(palette)))
    cover = _crumpled(rng, half + 0.05, length * rng.uniform(0.3, 0.42), length + 0.08, level + 0.05, base + 0.02)
    parts.append(Part(cover, cloth(palette)))
    if rng.random() < 0.4:
        heap = soft_box(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.5), rng.uniform(0.08, 0.2), 0.04, 0.9)
        place = rng.uniform(-0.3, 0.3), length * 0.75, level + 0.07
        parts.append(Part(heap.turned(rng.uniform(0, 3)).moved(*place), cloth(palette)))
    thing = Thing("bed", tuple(parts))
    return thing.moved(0, 0.03 - thing.bounds[0, 1], 0)


def _crumpled(rng: np.random.Generator, half: float, y0: float, y1: float, top: float, foot: float) -> Mesh:
    """A cover that lies on a bed and hangs down at its sides and its foot."""
    across = np.linspace(-1.25, 1.25, 34)
    along = np.linspace(0, 1.12, 26)
    x = np.clip(across, -1, 1)[:, None] * half + 0 * along
    y = y0 + np.clip(along, 0, 1)[None] * (y1 - y0) + 0 * across[:, None]
    over = np.maximum(np.abs(across) - 1, 0)[:, None] / 0.25, np.maximum(along - 1, 0)[None] / 0.12
    drop = np.maximum(*np.broadcast_arrays(*over))
    folds = textures.fractal(rng, 34, 26, 4, (3, 3)) - 0.5
    z = top - drop * (top - foot) * rng.uniform(0.6, 0.95) + 0.07 * folds * (drop < 0.05)
    bulge = 0.03 * folds * (drop > 0.05)
    return sheet(np.stack([x + np.sign(across)[:, None] * bulge, y + bulge * (over[1] > 0), z], -1)[::-1])


def garment(palette: Palette, side_on: bool) -> Thing:
    """A shirt, coat or dress on its hanger: its top at z = 0, hanging down, about the origin."""
    rng = palette.rng
    drop, width = rng.uniform(0.6, 1.15), rng.uniform(0.36, 0.5)
    levels = np.linspace(0, 1, 12)
    reach = width / 2 * np.clip(0.35 + 4 * levels, 0, 1 + 0.25 * levels)
    around = np.linspace(0, 2 * np.pi, 25)
    folds = 1 + 0.16 * np.sin(around * rng.integers(3, 7) + rng.uniform(0, 6))[:, None] * levels
    x = np.cos(around)[:, None] * reach * folds
    y = np.sin(around)[:, None] * 0.05 * (0.6 + levels) * folds
    z = np.broadcast_to(-levels * drop, x.shape)
    body = sheet(np.stack([x, y, z], -1)[:, ::-1])
    cover = cloth(palette)
    parts = [Part(body, cover)]
    if rng.random() < 0.7:
        for side in (-1, 1):
            start, end = (side * width * 0.47, 0, -0.09), (side * width * 0.62, 0, -rng.uniform(0.4, 0.62))
            parts.append(Part(tube(start, end, 0.042, 10), cover))
    thing = Thing("clothes", tuple(parts))
    return thing.turned(np.pi / 2) if side_on else thing


def clothes_rail(palette: Palette) -> Thing:
    """A rack on wheels full of clothes, along x."""
    rng, width, height = palette.rng, palette.rng.uniform(0.7, 1.5), palette.rng.uniform(1.45, 1.75)
    bar = palette.steel if rng.random() < 0.5 else palette.dark
    y = 0.32
    parts = [Part(tube((x, y, 0), (x, y, height), 0.014, 8), bar) for x in (-width / 2, width / 2)]
    parts.append(Part(tube((-width / 2, y, height), (width / 2, y, height), 0.014, 8), bar))
    parts += [Part(tube((x, 0.06, 0.03), (x, 0.6, 0.03), 0.014, 8), bar) for x in (-width / 2, width / 2)]
    at = -width / 2 + 0.1
    while at < width / 2 - 0.08:
        hung = garment(palette, side_on=True).moved(at, y, height - 0.03)
        parts += hung.parts
        at += rng.uniform(0.07, 0.16)
    return Thing("clothes", tuple(parts))


def hooks(palette: Palette) -> Thing:
    """A board of hooks with coats, bags and hats; z = 0 is the lowest thing's end."""
    rng, count = palette.rng, int(palette.rng.integers(1, 5))
    width, top = 0.3 * count + 0.1, 1.25
    board = palette.wood if rng.random() < 0.5 else palette.trim
    parts = [Part(box(width, 0.02, 0.09).moved(0, 0.012, top), board)]
    for index in range(count):
        x = -width / 2 + 0.2 + 0.3 * index
        parts.append(Part(tube((x, 0.02, top + 0.03), (x, 0.08, top + 0.04), 0.01, 8), palette.dark))
        if rng.random() < 0.8:
            hung = garment(palette, side_on=False).moved(x, 0.115, top + 0.02)
            parts += hung.parts
    return Thing("clothes", tuple(parts), ())


def curtains(palette: Palette, opening: Opening, ceiling: float, room: tuple[float, float]) -> Thing:
    """Panels on a rod, open or drawn, thick or sheer."""
    rng = palette.rng
    cover = cloth(palette)
    if rng.random() < 0.4:
        cover = Material(finishes.white(rng), translucency=rng.uniform(0.35, 0.6))
    top = min(ceiling - 0.06, opening.top + rng.uniform(0.06, 0.5))
    bottom = 0.03 if rng.random() < 0.7 else max(0.03, opening.bottom - rng.uniform(0.05, 0.3))
    span, reach = opening.right - opening.left, rng.uniform(0.1, 0.4)
    covered = span * (0.5 if rng.random() < 0.3 else rng.uniform(0.05, 0.35))
    left, right = max(room[0], opening.left - reach), min(room[1], opening.right + reach)
    sides = [(left, opening.left + covered), (opening.right - covered, right)]
    parts = []
    for x0, x1 in sides if rng.random() < 0.85 else sides[:1]:
        x = np.linspace(x0, x1, 80)
        count = max(2.0, (x1 - x0) * rng.uniform(7, 15))
        fold = np.sin(np.linspace(0, 2 * np.pi * count, 80) + rng.uniform(0, 6))
        levels = np.linspace(bottom, top, 4)
        sag = 1 + 0.25 * (top - levels) / (top - bottom)
        y = 0.16 + 0.028 * fold[:, None] * sag
        points = np.stack([np.repeat(x[:, None], 4, 1), y, np.repeat(levels[None], 80, 0)], -1)
        parts.append(Part(sheet(points), cover))
    rod = tube((left, 0.16, top + 0.013), (right, 0.16, top + 0.013), 0.012, 8)
    return Thing("curtains", (*parts, Part(rod, palette.dark if rng.random() < 0.5 else palette.trim, Label.TRIM)))


def blind(palette: Palette, opening: Opening) -> Thing:
    """A roller, slatted or pleated blind in the reveal."""
    rng = palette.rng
    drop = rng.uniform(0.15, 0.95) * (opening.top - opening.bottom - 0.1)
    width, top = opening.right - opening.left - 0.03, opening.top - 0.04
    cover = matte(finishes.white(rng)) if rng.random() < 0.6 else palette.fabric(0.3, 0.95)
    head = Part(box(width, 0.04, 0.04).moved(opening.centre, -0.045, top), cover)
    kind = rng.integers(3)
    if kind == 0:
        tilt = rng.uniform(0.2, 1.2)
        slat = box(width, 0.04, 0.002).turned(tilt, "x")
        levels = np.arange(top - 0.03, top - drop, -0.045)
        slats = [Part(slat.moved(opening.centre, -0.045, level), cover) for level in levels]
        return Thing("blind", (head, *slats))
    if kind == 1 and rng.random() < 0.5:
        cover = Material(finishes.white(rng), translucency=rng.uniform(0.2, 0.5))
    levels = np.linspace(top - drop, top, 2 * max(2, round(drop / 0.09)) + 1)
    zigzag = 0.012 * (np.arange(len(levels)) % 2) if kind == 2 else 0 * levels
    x = np.array([-width / 2, width / 2]) + opening.centre
    grid = np.stack(
        [np.repeat(x[:, None], len(levels), 1), np.tile(-0.045 + zigzag, (2, 1)), np.tile(levels, (2, 1))], -1
    )
    return Thing("blind", (head, Part(sheet(grid), cover)))
