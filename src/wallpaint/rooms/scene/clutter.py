"""Small objects of an inhabited room: books, vases, boxes, frames, table lamps, screens, plants, people."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.geometry import Mesh, ball, box, flat, lathe, merged, ribbon, soft_box, tube
from wallpaint.rooms.scene.materials import Material, glossy, matte
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette

GAP = 0.012  # metres left between two things on a shelf


def fill(thing: Thing, palette: Palette, density: float, lamp: tuple[Material, Material] | None = None) -> Thing:
    """Place small objects side by side on the shelves of a piece of furniture.

    `density` in [0, 1] is the probability that a place is taken. At most one of them is a table lamp, with the shade
    and bulb of `lamp`.
    """
    rng, items = palette.rng, []
    for x0, x1, y0, y1, z, headroom in thing.shelves:
        at = x0 + rng.uniform(0, 0.1)
        while at < x1:
            if rng.random() > density:
                at += rng.uniform(0.06, 0.25)
                continue
            if lamp and headroom > 0.4 and rng.random() < 0.3:
                item, lamp = table_lamp(palette, *lamp), None
            else:
                item = _small_thing(palette, y1 - y0, headroom)
            low, high = item.bounds
            width, depth = high[0] - low[0], high[1] - low[1]
            if at + width > x1 or depth > y1 - y0 or high[2] > headroom:
                at += 0.05
                continue
            y = rng.uniform(y0, y1 - depth) - low[1]
            items.append(item.moved(at - low[0], y, z - low[2]))
            at += width + GAP
    return thing.carrying(items)


def books(palette: Palette, headroom: float) -> Thing:
    """A row of books, some leaning."""
    rng, parts, at = palette.rng, [], 0.0
    for _ in range(int(rng.integers(3, 12))):
        thick, height, depth = rng.uniform(0.012, 0.045), min(headroom, rng.uniform(0.16, 0.29)), rng.uniform(0.13, 0.2)
        cover = glossy(palette.color(0.12, 0.85, 0.8), 0.35)
        parts.append(Part(box(thick, depth, height).moved(at + thick / 2, depth / 2, 0), cover))
        at += thick + 0.001
    return Thing("books", tuple(parts))


def stack(palette: Palette) -> Thing:
    """Books or magazines lying on each other."""
    rng, parts, top = palette.rng, [], 0.0
    for _ in range(int(rng.integers(2, 6))):
        thick = rng.uniform(0.008, 0.035)
        cover = glossy(palette.color(0.2, 0.95, 0.7), 0.35)
        parts.append(
            Part(
                box(rng.uniform(0.15, 0.2), rng.uniform(0.12, 0.15), thick)
                .turned(rng.uniform(-0.3, 0.3))
                .moved(0, 0, top),
                cover,
            )
        )
        top += thick
    return Thing("stack", tuple(parts))


def vase(palette: Palette, headroom: float) -> Thing:
    """A vase, with or without twigs."""
    rng = palette.rng
    height, radius = rng.uniform(0.1, 0.26), rng.uniform(0.035, 0.08)
    neck = radius * rng.uniform(0.35, 0.9)
    profile = [
        (0, 0),
        (radius * 0.7, 0),
        (radius, height * 0.35),
        (neck, height * 0.8),
        (neck * 1.15, height),
        (neck * 0.9, height * 0.98),
        (neck * 0.8, height * 0.8),
    ]
    parts = [Part(lathe(profile), palette.ceramic())]
    if rng.random() < 0.5 and headroom > height + 0.2:
        leaf = matte(np.array([0.10, 0.19, 0.06]) * rng.uniform(0.5, 1.6))
        strands = [
            _blade(
                rng.uniform(0, 2 * np.pi), rng.uniform(0.15, min(0.35, headroom - height)), 0.012, rng.uniform(0.1, 0.5)
            )
            for _ in range(9)
        ]
        parts.append(Part(merged(strands).moved(0, 0, height * 0.9), leaf))
    return Thing("vase", tuple(parts))


def bowl(palette: Palette) -> Thing:
    radius, height = palette.rng.uniform(0.06, 0.14), palette.rng.uniform(0.04, 0.08)
    profile = [
        (0, 0),
        (radius * 0.4, 0),
        (radius * 0.85, height * 0.6),
        (radius, height),
        (radius * 0.95, height),
        (radius * 0.4, 0.012),
        (0, 0.012),
    ]
    parts = [Part(lathe(profile), palette.ceramic())]
    if palette.rng.random() < 0.5:
        fruit = glossy(palette.color(0.4, 0.9, 0.95), 0.3)
        for angle in np.arange(4) * np.pi / 2:
            x, y = radius * 0.42 * np.cos(angle), radius * 0.42 * np.sin(angle)
            parts.append(Part(ball(radius * 0.27).moved(x, y, height * 0.85), fruit))
    return Thing("bowl", tuple(parts))


def bottle(palette: Palette) -> Thing:
    height, radius = palette.rng.uniform(0.12, 0.3), palette.rng.uniform(0.025, 0.04)
    profile = [
        (0, 0),
        (radius, 0),
        (radius, height * 0.6),
        (radius * 0.35, height * 0.78),
        (radius * 0.35, height),
        (0, height),
    ]
    return Thing("bottle", (Part(lathe(profile, 20), glossy(palette.color(0.1, 0.7, 0.8), 0.08)),))


def carton(palette: Palette) -> Thing:
    width, depth, height = (
        palette.rng.uniform(0.08, 0.24),
        palette.rng.uniform(0.07, 0.2),
        palette.rng.uniform(0.05, 0.2),
    )
    return Thing("carton", (Part(soft_box(width, depth, height, 0.006), palette.fabric(0.3, 0.95)),))


def standing_frame(palette: Palette) -> Thing:
    """A photo in a frame, leaning back."""
    rng = palette.rng
    width, height = rng.uniform(0.08, 0.16), rng.uniform(0.1, 0.2)
    face = flat(
        np.array(
            [[(w * (width - 0.03) / 2, 0.0095, h * (height - 0.03)) for w, h in ((1, 0), (-1, 0), (-1, 1), (1, 1))]]
        ),
        _PICTURE_UV,
    )
    parts = [Part(box(width, 0.018, height), palette.dark), Part(face.moved(0, 0, 0.015), matte(textures.art(rng)))]
    lean = [part.turned(0.12, "x") for part in parts]
    return Thing("standing frame", tuple(lean))


def table_lamp(palette: Palette, shade: Material, bulb: Material) -> Thing:
    rng = palette.rng
    foot, radius = rng.uniform(0.14, 0.2), rng.uniform(0.09, 0.13)
    base = lathe([(0, 0), (0.05, 0), (0.06, 0.03), (rng.uniform(0.02, 0.055), foot * 0.6), (0.012, foot), (0, foot)])
    return Thing(
        "table lamp",
        (
            Part(base, palette.ceramic()),
            Part(lathe([(radius, foot), (radius * 0.7, foot + 0.16)]), shade),
            Part(ball(0.02).moved(0, 0, foot + 0.08), bulb),
        ),
    )


def screen(palette: Palette) -> Thing:
    """A monitor or a television on its foot."""
    width = palette.rng.uniform(0.45, 0.6)
    black = glossy((0.012, 0.012, 0.014), 0.1)
    panel = soft_box(width, 0.03, width * 0.58, 0.008).moved(0, 0.06, 0.06)
    return Thing(
        "screen",
        (
            Part(panel, black),
            Part(box(0.2, 0.14, 0.012).moved(0, 0.07, 0), black),
            Part(box(0.04, 0.02, 0.09).moved(0, 0.03, 0.01), black),
        ),
    )


def plant(palette: Palette) -> Thing:
    """A potted plant with bent leaves, at the origin, from knee height to the height of a person."""
    rng = palette.rng
    size = rng.uniform(0.6, 1.5)
    radius, height = 0.1 + 0.06 * size, 0.16 + 0.12 * size
    pot = lathe(
        [
            (0, 0),
            (radius * 0.78, 0),
            (radius, height),
            (radius * 0.9, height),
            (radius * 0.86, height * 0.88),
            (0, height * 0.88),
        ]
    )
    green = np.array([0.07, 0.15, 0.045]) * rng.uniform(0.6, 1.6) * (1 + 0.2 * rng.normal(size=3))
    broad, count = rng.uniform(0.02, 0.08), int(rng.integers(14, 44))
    leaves = [
        _blade(
            rng.uniform(0, 2 * np.pi),
            size * rng.uniform(0.45, 0.85),
            broad * rng.uniform(0.6, 1.2),
            rng.uniform(0.15, 0.9),
        )
        for _ in range(count)
    ]
    return Thing(
        "plant",
        (
            Part(pot, palette.fabric(0.3, 0.9) if rng.random() < 0.3 else palette.ceramic(0.5)),
            Part(merged(leaves).moved(0, 0, height * 0.85), glossy(np.clip(green, 0.01, 0.5), 0.35)),
        ),
    )


def person(palette: Palette) -> Thing:
    """A simplified standing person at the origin: occludes and adds colour, without details."""
    rng = palette.rng
    tall = rng.uniform(1.5, 1.88)
    skin = matte(
        np.array([[0.55, 0.36, 0.27], [0.3, 0.17, 0.11], [0.42, 0.26, 0.18], [0.12, 0.07, 0.05]])[rng.integers(4)]
    )
    top, trousers, hair = (
        palette.fabric(0.15, 0.95, 0.8),
        palette.fabric(0.1, 0.6, 0.5),
        matte(palette.color(0.05, 0.45, 0.5)),
    )
    hip, shoulder, chin = 0.49 * tall, 0.82 * tall, 0.87 * tall
    torso = lathe(
        [
            (0, 0),
            (0.15, 0),
            (0.145, 0.3 * (shoulder - hip)),
            (0.185, 0.85 * (shoulder - hip)),
            (0.13, shoulder - hip),
            (0.05, shoulder - hip + 0.03),
            (0, shoulder - hip + 0.03),
        ]
    )
    squash = np.array([1.0, 0.66, 1.0])
    torso = Mesh(torso.vertices * squash, torso.normals, torso.uv, torso.faces)
    parts = [
        Part(torso.moved(0, 0, hip), top),
        Part(tube((0, 0, shoulder), (0, 0, chin + 0.02), 0.05), skin),
        Part(ball(0.085, (0.92, 1.0, 1.3)).moved(0, 0.01, chin + 0.095), skin),
        Part(ball(0.09, (0.97, 1.0, 1.1)).moved(0, -0.015, chin + 0.125), hair),
    ]
    swing = rng.uniform(-0.12, 0.12)
    for side in (-1, 1):
        leg = lathe([(0, 0), (0.045, 0), (0.05, 0.3), (0.085, hip), (0, hip + 0.02)], 16)
        parts.append(Part(leg.moved(side * 0.082, 0, 0.02), trousers))
        parts.append(Part(soft_box(0.085, 0.25, 0.08, 0.03).moved(side * 0.085, 0.05, 0), palette.dark))
        elbow = (side * 0.235, 0.02 + side * swing, shoulder - 0.31)
        parts.append(Part(tube((side * 0.175, 0, shoulder - 0.05), elbow, 0.045), top))
        parts.append(Part(tube(elbow, (side * 0.235, 0.11 + side * swing, shoulder - 0.55), 0.036), top))
        parts.append(Part(ball(0.045, (0.7, 1, 1.3)).moved(side * 0.235, 0.12 + side * swing, shoulder - 0.6), skin))
    return Thing("person", tuple(parts))


_PICTURE_UV = np.array([[[0, 0], [1, 0], [1, 1], [0, 1.0]]])


def _small_thing(palette: Palette, depth: float, headroom: float) -> Thing:
    pick = palette.rng.random()
    if pick < 0.42:
        return books(palette, headroom)
    if pick < 0.52:
        return stack(palette)
    if pick < 0.66:
        return vase(palette, headroom)
    if pick < 0.75:
        return bowl(palette)
    if pick < 0.83:
        return bottle(palette)
    if pick < 0.9:
        return carton(palette)
    if pick < 0.95 or depth < 0.2 or headroom < 0.45:
        return standing_frame(palette)
    return screen(palette)


def _blade(angle: float, length: float, width: float, bend: float) -> Mesh:
    steps = np.linspace(0, 1, 9)
    outward = np.array([np.cos(angle), np.sin(angle), 0])
    across = np.array([-np.sin(angle), np.cos(angle), 0])
    centre = outward * (length * bend * steps**1.3)[:, None] * 0.6
    centre = centre + np.array([0, 0, 1.0]) * (length * (1.25 * steps - 0.7 * bend * steps**2))[:, None]
    side = across * (width * np.sin(np.pi * steps**0.7) + 0.002)[:, None]
    return ribbon(centre, side)
