"""Furniture: each function makes one random piece, with its back at y = 0, centred on x = 0, front towards +y."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene.geometry import ball, box, lathe, soft_box, tube
from wallpaint.rooms.scene.materials import Material, matte
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette

BACK = 0.03  # metres between a piece and the wall: skirting boards are thinner


def sofa(palette: Palette) -> Thing:
    rng, cover = palette.rng, palette.fabric()
    half, depth, seats = rng.uniform(0.75, 1.15), rng.uniform(0.8, 0.95), int(rng.integers(2, 4))
    leg, arm_height, back_height = rng.uniform(0.08, 0.16), rng.uniform(0.5, 0.64), rng.uniform(0.68, 0.9)
    arm = rng.uniform(0.1, 0.22)
    parts = [
        Part(soft_box(2 * half, depth - 0.05, 0.22, 0.04).moved(0, depth / 2, leg), cover),
        Part(soft_box(2 * half, 0.2, back_height - leg, 0.07).moved(0, 0.1, leg), cover),
    ]
    for side in (-1, 1):
        rest = soft_box(arm, depth, arm_height - leg, 0.06)
        parts.append(Part(rest.moved(side * (half + arm / 2), depth / 2, leg), cover))
    width = 2 * half / seats
    for seat in range(seats):
        x = -half + (seat + 0.5) * width
        parts.append(
            Part(
                soft_box(width - 0.015, depth - 0.22, 0.18, 0.06, 0.5).moved(x, 0.2 + (depth - 0.22) / 2, leg + 0.2),
                cover,
            )
        )
        back = soft_box(width - 0.03, 0.2, back_height - leg - 0.22, 0.08, 0.6).turned(0.12, "x")
        parts.append(Part(back.moved(x, 0.31, leg + 0.34), cover))
    pillows = int(rng.integers(0, min(5, 1 + int(1.7 * half / 0.46))))
    for place in rng.permutation(np.linspace(-0.85 * half, 0.85 * half, max(2, int(1.7 * half / 0.46))))[:pillows]:
        pillow = soft_box(0.42, 0.14, 0.38, 0.06, 0.9).turned(0.35, "x").turned(rng.uniform(-0.35, 0.35))
        parts.append(Part(pillow.moved(float(place), 0.47, leg + 0.38), palette.fabric(0.2, 0.95, 0.8)))
    if rng.random() < 0.25:
        throw = soft_box(0.5, depth - 0.1, 0.03, 0.014).moved(
            rng.uniform(-0.6, 0.6) * half, depth / 2 + 0.08, leg + 0.385
        )
        parts.append(Part(throw, palette.fabric(0.3, 0.95)))
    parts += _legs(half - 0.05, 0.08, depth - 0.08, leg, 0.02, palette.dark)
    return _against_wall("sofa", parts)


def armchair(palette: Palette) -> Thing:
    rng, cover = palette.rng, palette.fabric()
    width, depth, leg = rng.uniform(0.55, 0.65), rng.uniform(0.72, 0.82), rng.uniform(0.14, 0.2)
    parts = [
        Part(soft_box(width, depth - 0.1, 0.2, 0.05, 0.3).moved(0, depth / 2, leg), cover),
        Part(soft_box(width, depth - 0.25, 0.14, 0.06, 0.6).moved(0, depth / 2 + 0.08, leg + 0.19), cover),
        Part(
            soft_box(width, 0.18, rng.uniform(0.55, 0.75), 0.08, 0.3).turned(0.1, "x").moved(0, 0.17, leg + 0.05), cover
        ),
    ]
    for side in (-1, 1):
        rest = soft_box(0.1, depth - 0.05, 0.36, 0.045)
        parts.append(Part(rest.moved(side * (width / 2 + 0.05), depth / 2, leg + 0.05), cover))
    parts += _legs(width / 2, 0.1, depth - 0.1, leg + 0.05, 0.018, palette.wood)
    return _against_wall("armchair", parts)


def bed(palette: Palette) -> Thing:
    rng = palette.rng
    half, length = float(rng.choice([0.5, 0.75, 0.9])), 2.05
    frame = palette.wood if rng.random() < 0.5 else palette.fabric()
    headboard = rng.uniform(0.75, 1.25)
    parts = [
        Part(soft_box(2 * half + 0.08, 0.08, headboard, 0.03).moved(0, 0.04, 0.0), frame),
        Part(box(2 * half + 0.06, length, 0.2).moved(0, 0.08 + length / 2, 0.1), frame),
        Part(soft_box(2 * half, length - 0.04, 0.24, 0.07).moved(0, 0.09 + length / 2, 0.3), palette.linen()),
        Part(
            soft_box(2 * half + 0.05, length * 0.68, 0.14, 0.06, 0.4).moved(0, length * 0.66 + 0.05, 0.48),
            palette.fabric(0.3, 0.95),
        ),
    ]
    pillows = 1 if half < 0.6 else 2
    for index in range(pillows):
        x = 0.0 if pillows == 1 else (index - 0.5) * half
        linen = palette.linen() if rng.random() < 0.6 else palette.fabric(0.4, 0.95)
        pillow = soft_box(min(0.68, 2 * half - 0.2) if pillows == 1 else half - 0.06, 0.4, 0.17, 0.07, 0.8)
        parts.append(Part(pillow.turned(0.45, "x").moved(x, 0.33, 0.6), linen))
    parts += _legs(half - 0.04, 0.15, length, 0.1, 0.03, palette.dark)
    return _against_wall("bed", parts)


def sideboard(palette: Palette) -> Thing:
    rng = palette.rng
    width, depth, height, leg = (
        rng.uniform(0.9, 1.9),
        rng.uniform(0.36, 0.45),
        rng.uniform(0.6, 0.88),
        rng.uniform(0.06, 0.2),
    )
    doors = max(2, round(width / 0.5))
    body = palette.wood if rng.random() < 0.65 else palette.trim
    front = body if rng.random() < 0.6 else palette.trim
    parts = [Part(box(width, depth - 0.02, height - leg).moved(0, depth / 2 - 0.01, leg), body)]
    for door in range(doors):
        x = -width / 2 + (door + 0.5) * width / doors
        leaf = soft_box(width / doors - 0.012, 0.018, height - leg - 0.03, 0.004)
        parts.append(Part(leaf.moved(x, depth - 0.011, leg + 0.015), front))
        parts.append(Part(ball(0.014).moved(x, depth + 0.012, leg + 0.7 * (height - leg)), palette.steel))
    parts += _legs(width / 2 - 0.06, 0.06, depth - 0.06, leg, 0.018, palette.dark)
    return _against_wall("sideboard", parts, ((-width / 2, width / 2, 0.03, depth - 0.03, height, 0.7),))


def bookcase(palette: Palette) -> Thing:
    rng = palette.rng
    width, depth, height = rng.uniform(0.6, 1.3), rng.uniform(0.26, 0.36), rng.uniform(1.1, 2.1)
    board = palette.wood if rng.random() < 0.6 else palette.trim
    levels = np.linspace(0.06, height - 0.022, max(3, round(height / 0.36)))
    parts = [Part(box(0.022, depth, height).moved(side * (width / 2 - 0.011), depth / 2, 0), board) for side in (-1, 1)]
    parts += [Part(box(width - 0.044, depth, 0.022).moved(0, depth / 2, level), board) for level in levels]
    if rng.random() < 0.6:
        parts.append(Part(box(width - 0.044, 0.006, height - 0.05).moved(0, 0.003, 0.02), board))
    inner = width / 2 - 0.026
    gaps = np.diff(levels)
    shelves = tuple(
        (-inner, inner, 0.02, depth - 0.02, level + 0.022, gap - 0.04) for level, gap in zip(levels, gaps, strict=False)
    )
    return _against_wall("bookcase", parts, (*shelves, (-inner, inner, 0.02, depth - 0.02, height, 0.35)))


def desk(palette: Palette) -> Thing:
    rng = palette.rng
    width, depth = rng.uniform(1.0, 1.6), rng.uniform(0.55, 0.75)
    parts = [Part(soft_box(width, depth, 0.03, 0.008).moved(0, depth / 2, 0.71), palette.wood)]
    parts += _legs(width / 2 - 0.06, 0.06, depth - 0.06, 0.71, 0.02, palette.dark)
    shelves = ((-width / 2 + 0.03, width / 2 - 0.03, 0.05, depth - 0.08, 0.74, 0.5),)
    if rng.random() < 0.7:
        chair = (
            dining_chair(palette)
            .turned(np.pi + rng.uniform(-0.25, 0.25))
            .moved(rng.uniform(-0.15, 0.15), depth + 0.62, 0)
        )
        parts += chair.parts
    return _against_wall("desk", parts, shelves)


def wardrobe(palette: Palette) -> Thing:
    rng = palette.rng
    width, depth, height = rng.uniform(0.9, 1.8), rng.uniform(0.5, 0.6), rng.uniform(1.85, 2.15)
    body = palette.trim if rng.random() < 0.6 else palette.wood
    doors = round(width / 0.5)
    parts = [Part(box(width, depth - 0.022, height).moved(0, depth / 2 - 0.011, 0), body)]
    for door in range(doors):
        x = -width / 2 + (door + 0.5) * width / doors
        parts.append(
            Part(soft_box(width / doors - 0.008, 0.02, height - 0.1, 0.004).moved(x, depth - 0.012, 0.08), body)
        )
        handle = tube((x + 0.15, depth + 0.02, height * 0.45), (x + 0.15, depth + 0.02, height * 0.55), 0.008)
        parts.append(Part(handle, palette.steel))
    return _against_wall("wardrobe", parts)


def nightstand(palette: Palette) -> Thing:
    rng = palette.rng
    width, depth, height = rng.uniform(0.36, 0.5), rng.uniform(0.34, 0.42), rng.uniform(0.42, 0.56)
    parts = [
        Part(box(width, depth, height - 0.12).moved(0, depth / 2, 0.12), palette.wood),
        Part(soft_box(width - 0.03, 0.016, 0.16, 0.004).moved(0, depth + 0.009, height - 0.2), palette.wood),
        Part(ball(0.012).moved(0, depth + 0.03, height - 0.12), palette.steel),
        *_legs(width / 2 - 0.03, 0.04, depth - 0.04, 0.12, 0.014, palette.dark),
    ]
    return _against_wall("nightstand", parts, ((-width / 2, width / 2, 0.02, depth - 0.02, height, 0.5),))


def coffee_table(palette: Palette) -> Thing:
    """A low free-standing table, centred on the origin."""
    rng = palette.rng
    height = rng.uniform(0.34, 0.46)
    if rng.random() < 0.4:
        radius = rng.uniform(0.3, 0.45)
        top = lathe([(0, 0), (radius - 0.01, 0), (radius, 0.012), (radius - 0.01, 0.025), (0, 0.025)], 40)
        parts = [Part(top.moved(0, 0, height - 0.025), palette.wood)]
        feet = [radius * 0.72 * np.array([np.cos(angle), np.sin(angle)]) for angle in np.arange(3) * 2 * np.pi / 3]
        parts += [Part(tube((x, y, 0), (0.6 * x, 0.6 * y, height - 0.025), 0.016), palette.dark) for x, y in feet]
        reach = radius * 0.65
        return Thing("coffee table", tuple(parts), ((-reach, reach, -reach, reach, height, 0.35),))
    width, depth = rng.uniform(0.8, 1.25), rng.uniform(0.45, 0.65)
    parts = [Part(soft_box(width, depth, 0.03, 0.008).moved(0, 0, height - 0.03), palette.wood)]
    parts += _legs(width / 2 - 0.06, -depth / 2 + 0.06, depth / 2 - 0.06, height - 0.03, 0.02, palette.dark)
    return Thing(
        "coffee table",
        tuple(parts),
        ((-width / 2 + 0.05, width / 2 - 0.05, -depth / 2 + 0.05, depth / 2 - 0.05, height, 0.35),),
    )


def dining_set(palette: Palette) -> Thing:
    """A free-standing table with chairs around it, centred on the origin."""
    rng = palette.rng
    width, depth, height = rng.uniform(1.0, 1.6), rng.uniform(0.75, 0.9), 0.75
    parts = [Part(soft_box(width, depth, 0.035, 0.01).moved(0, 0, height - 0.035), palette.wood)]
    parts += _legs(width / 2 - 0.08, -depth / 2 + 0.08, depth / 2 - 0.08, height - 0.035, 0.03, palette.wood)
    seats = 1 if width < 1.25 else 2
    for side in (-1, 1):
        for seat in range(seats):
            if rng.random() < 0.15:
                continue
            x = 0.0 if seats == 1 else (seat - 0.5) * width * 0.45
            turn = rng.uniform(-0.15, 0.15) + (np.pi if side > 0 else 0)
            chair = dining_chair(palette).turned(turn).moved(x, side * (depth / 2 + rng.uniform(0.3, 0.4)), 0)
            parts += chair.parts
    reach = width / 2 - 0.08, depth / 2 - 0.08
    return Thing("dining set", tuple(parts), ((-reach[0], reach[0], -reach[1], reach[1], height, 0.45),))


def dining_chair(palette: Palette) -> Thing:
    """A chair facing +y, its back rest at y = -0.22, centred on x = 0."""
    seat = Part(soft_box(0.43, 0.43, 0.045, 0.02).moved(0, 0, 0.43), palette.wood)
    rest = Part(soft_box(0.4, 0.025, 0.22, 0.01).turned(0.1, "x").moved(0, -0.23, 0.66), palette.wood)
    posts = [Part(tube((x, -0.2, 0.45), (x, -0.225, 0.84), 0.013), palette.wood) for x in (-0.17, 0.17)]
    return Thing("chair", (seat, rest, *posts, *_legs(0.19, -0.19, 0.19, 0.43, 0.016, palette.wood)))


def rug(palette: Palette, width: float, depth: float, material: Material) -> Thing:
    """A thin rug on the floor, centred on the origin."""
    return Thing("rug", (Part(soft_box(width, depth, 0.008, 0.003).moved(0, 0, 0.0005), material),))


def floor_lamp(palette: Palette, shade: Material, bulb: Material) -> Thing:
    """A standing lamp at the origin; its shade and bulb emit light."""
    rng = palette.rng
    height, radius, drop = rng.uniform(1.35, 1.7), rng.uniform(0.15, 0.24), rng.uniform(0.2, 0.32)
    narrow = radius * rng.uniform(0.6, 1.0)
    return Thing(
        "floor lamp",
        (
            Part(tube((0, 0, 0.02), (0, 0, height - drop * 0.5), 0.011), palette.dark),
            Part(lathe([(0, 0), (0.14, 0), (0.145, 0.01), (0.13, 0.022), (0, 0.025)]), palette.dark),
            Part(lathe([(radius, height - drop), (narrow, height)]), shade),
            Part(ball(0.035).moved(0, 0, height - drop * 0.45), bulb),
        ),
    )


def stool(palette: Palette) -> Thing:
    """A stool or pouf at the origin."""
    radius, height = palette.rng.uniform(0.18, 0.28), palette.rng.uniform(0.36, 0.46)
    side = [(0, 0), (radius * 0.9, 0), (radius, 0.06), (radius, height - 0.06), (radius * 0.9, height), (0, height)]
    return Thing("stool", (Part(lathe(side), palette.fabric()),))


def storage_boxes(palette: Palette) -> Thing:
    """Cardboard boxes stacked against the wall."""
    rng, parts, top = palette.rng, [], 0.0
    card = matte(np.array([0.42, 0.29, 0.17]) * rng.uniform(0.8, 1.2))
    for level in range(int(rng.integers(1, 4))):
        width, depth, height = (
            rng.uniform(0.35, 0.5) - 0.04 * level,
            rng.uniform(0.28, 0.36) - 0.02 * level,
            rng.uniform(0.18, 0.34),
        )
        parts.append(Part(box(width, depth, height).turned(rng.uniform(-0.1, 0.1)).moved(0, 0.24, top), card))
        top += height
    return _against_wall("storage boxes", parts)


def _legs(x: float, y0: float, y1: float, height: float, radius: float, material: Material) -> list[Part]:
    spots = [(side * x, y) for side in (-1, 1) for y in (y0, y1)]
    return [Part(tube((px, py, 0), (px, py, height), radius), material) for px, py in spots]


def _against_wall(
    name: str, parts: list[Part], shelves: tuple[tuple[float, float, float, float, float, float], ...] = ()
) -> Thing:
    """A piece moved so that every part is at least `BACK` from the wall and none is below the floor."""
    thing = Thing(name, tuple(parts), shelves)
    low = thing.bounds[0]
    return thing.moved(0.0, BACK - low[1], max(0.0, -low[2]))
