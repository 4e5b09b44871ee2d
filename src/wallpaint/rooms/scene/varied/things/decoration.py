"""What hangs on walls and ceilings of varied rooms: frames, posters, mirrors, clocks, cards, cloths, lamps, fans."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh, ball, box, flat, lathe, soft_box, tube
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte, metal
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.scene.varied.things.textiles import cloth

_PICTURE_UV = np.array([[[0, 0], [1, 0], [1, 1], [0, 1.0]]])
GLASS = metal((0.86, 0.88, 0.87), 0.0)


def print_of(palette: Palette) -> Material:
    """Lettering, a print, a drawing, or a photograph in greys."""
    rng = palette.rng
    texture = finishes.mural(rng, words=rng.random() < 0.3)
    if rng.random() < 0.25:
        grey = texture.pixels.mean(-1, keepdims=True) * np.ones(3, np.float32)
        texture = Texture(grey.astype(np.float32), texture.size)
    return matte(texture)


def picture(palette: Palette, width: float, height: float, frame: Material | None = None) -> Thing:
    """Framed, with or without a passe-partout; centred on x, its foot at z = 0. White frames are common."""
    rng = palette.rng
    if frame is None:
        frame = [palette.trim, matte(finishes.white(rng)), palette.dark, palette.wood, palette.steel][
            rng.choice(5, p=[0.25, 0.2, 0.25, 0.2, 0.1])
        ]
    bar, thick = rng.uniform(0.01, 0.05), rng.uniform(0.012, 0.04)
    bars = [Part(box(bar, thick, height).moved(s * (width - bar) / 2, thick / 2 + 0.002, 0), frame) for s in (-1, 1)]
    bars += [Part(box(width - 2 * bar, thick, bar).moved(0, thick / 2 + 0.002, z), frame) for z in (0, height - bar)]
    margin = rng.uniform(0.1, 0.3) * min(width, height) if rng.random() < 0.6 else 0.0
    mount = matte(finishes.white(rng))
    inner = 2 * (bar + margin) + 0.02
    faces = [Part(_face(width - 2 * bar, height - 2 * bar, 0.006).moved(0, 0, bar), mount)]
    if width > inner and height > inner:
        face = _face(width - 2 * (bar + margin), height - 2 * (bar + margin), 0.008).moved(0, 0, bar + margin)
        faces.append(Part(face, print_of(palette)))
    return Thing("picture", (*bars, *faces))


def poster(palette: Palette, width: float, height: float) -> Thing:
    """Paper without a frame."""
    return Thing("picture", (Part(_face(width, height, 0.004), print_of(palette)),))


def canvas(palette: Palette, width: float, height: float) -> Thing:
    """A stretched canvas or a pin board."""
    side = Part(box(width, 0.03, height).moved(0, 0.018, 0), matte(finishes.white(palette.rng)))
    return Thing("picture", (side, Part(_face(width, height, 0.036), print_of(palette))))


def mirror(palette: Palette, width: float, height: float) -> Thing:
    """Round, or upright in a frame."""
    rng = palette.rng
    frame = [palette.dark, palette.wood, palette.trim, palette.steel][rng.integers(4)]
    if rng.random() < 0.5:
        radius = min(width, height) / 2
        ring = lathe([(radius, 0), (radius * 1.12, 0.004), (radius * 1.12, 0.03), (radius, 0.032)], 28)
        disc = lathe([(0, 0.012), (radius * 1.02, 0.012)], 28)
        parts = [
            Part(mesh.turned(-np.pi / 2, "x").moved(0, 0.002, radius * 1.12), m)
            for mesh, m in ((ring, frame), (disc, GLASS))
        ]
        return Thing("picture", tuple(_outward(part) for part in parts))
    bar = rng.uniform(0.01, 0.06)
    back = Part(box(width, 0.02, height).moved(0, 0.012, 0), frame)
    return Thing("picture", (back, Part(_face(width - 2 * bar, height - 2 * bar, 0.024).moved(0, 0, bar), GLASS)))


def clock(palette: Palette) -> Thing:
    """A clock, a plate or a basket: a disc with a rim."""
    rng = palette.rng
    radius = rng.uniform(0.08, 0.25)
    rim = lathe([(radius * 0.94, 0), (radius, 0.0), (radius, 0.03), (radius * 0.9, 0.035), (radius * 0.88, 0.02)], 28)
    disc = lathe([(0, 0.018), (radius * 0.95, 0.018)], 28)
    face = matte(finishes.white(rng)) if rng.random() < 0.6 else matte(palette.color(0.1, 0.9, 0.8))
    edge = palette.dark if rng.random() < 0.5 else matte(palette.color(0.2, 0.9, 0.9))
    parts = [Part(mesh.turned(-np.pi / 2, "x").moved(0, 0.002, radius), m) for mesh, m in ((rim, edge), (disc, face))]
    return Thing("picture", tuple(_outward(part) for part in parts))


def cards(palette: Palette, width: float, height: float) -> Thing:
    """Postcards and photographs stuck up in a loose grid."""
    rng = palette.rng
    side, parts = rng.uniform(0.08, 0.16), []
    shared = [print_of(palette) for _ in range(4)]
    for row in range(max(1, int(height / (side * 1.35)))):
        for column in range(max(1, int(width / (side * 1.25)))):
            if rng.random() < 0.2:
                continue
            face = _face(side, side * rng.uniform(0.7, 1.2), 0.004)
            x, z = column * side * 1.25 - width / 2 + side / 2, row * side * 1.35
            turned = face.moved(0, 0, -side / 2).turned(rng.normal(0, 0.05), "y").moved(0, 0, side / 2)
            parts.append(Part(turned.moved(x, 0, z), shared[rng.integers(4)]))
    return Thing("picture", tuple(parts) or (Part(_face(side, side, 0.004), shared[0]),))


def hanging(palette: Palette, width: float, height: float) -> Thing:
    """A tapestry or a flag on a stick."""
    stick = tube((-width / 2 - 0.04, 0.02, height), (width / 2 + 0.04, 0.02, height), 0.012, 8)
    return Thing("picture", (Part(_face(width, height, 0.012), cloth(palette)), Part(stick, palette.wood)))


def appliance(palette: Palette) -> Thing:
    """A white box on the wall: an air conditioner, a boiler, a fuse box, a speaker."""
    rng = palette.rng
    width, height, depth = [(0.8, 0.28, 0.2), (0.45, 0.7, 0.3), (0.3, 0.4, 0.06), (0.2, 0.3, 0.2)][rng.integers(4)]
    cover = palette.trim if rng.random() < 0.8 else palette.dark
    slot = Part(box(width * 0.85, 0.01, 0.02).moved(0, depth + 0.006, 0.04), palette.dark)
    return Thing("appliance", (Part(soft_box(width, depth, height, 0.02).moved(0, depth / 2 + 0.002, 0), cover), slot))


def board(palette: Palette) -> Thing:
    """A white board or a black one."""
    rng = palette.rng
    width, height = rng.uniform(0.9, 2.4), rng.uniform(0.7, 1.2)
    face = glossy(finishes.white(rng), 0.1) if rng.random() < 0.6 else matte((0.03, 0.05, 0.04))
    rim = Part(box(width, 0.018, height).moved(0, 0.011, 0), palette.steel)
    return Thing("picture", (rim, Part(_face(width - 0.05, height - 0.05, 0.022).moved(0, 0, 0.025), face)))


def sconce(palette: Palette, glow: Material) -> Thing:
    """A lamp on the wall."""
    radius = palette.rng.uniform(0.05, 0.1)
    shade = lathe([(radius, 0.0), (radius * 0.8, 2 * radius), (0, 2 * radius)], 16)
    plate = Part(box(0.07, 0.02, 0.12).moved(0, 0.012, 0.02), palette.steel)
    return Thing("ceiling light", (plate, Part(shade.moved(0, radius + 0.06, 0.05), glow)))


def lights_string(palette: Palette, length: float, glow: Material) -> Thing:
    """Small bulbs on a sagging string along the wall."""
    rng = palette.rng
    x = np.linspace(-length / 2, length / 2, max(5, int(length / 0.16)))
    z = 0.25 * (x / length * 2) ** 2 + 0.02 * rng.normal(size=len(x))
    bulbs = [Part(ball(0.014).moved(a, 0.03, b + 0.03), glow) for a, b in zip(x, z, strict=True)]
    wires = [
        Part(tube((a, 0.02, c + 0.03), (b, 0.02, d + 0.03), 0.003, 6), palette.dark)
        for a, b, c, d in zip(x, x[1:], z, z[1:], strict=False)
    ]
    return Thing("ceiling light", (*bulbs, *wires))


def tube_light(palette: Palette, glow: Material) -> Thing:
    """A fluorescent tube on its batten, along x, its back at y = 0."""
    length = palette.rng.uniform(0.6, 1.5)
    batten = Part(box(length, 0.03, 0.06).moved(0, 0.017, 0), palette.trim)
    return Thing(
        "ceiling light", (batten, Part(tube((-length / 2, 0.05, 0.03), (length / 2, 0.05, 0.03), 0.015, 10), glow))
    )


def fan(palette: Palette, ceiling: float) -> Thing:
    """A ceiling fan about the origin."""
    rng, blades = palette.rng, int(palette.rng.integers(3, 6))
    cover = palette.trim if rng.random() < 0.5 else palette.wood
    drop, reach = rng.uniform(0.2, 0.4), rng.uniform(0.45, 0.65)
    parts = [
        Part(tube((0, 0, ceiling - drop), (0, 0, ceiling - 0.004), 0.015, 8), cover),
        Part(soft_box(0.2, 0.2, 0.12, 0.04).moved(0, 0, ceiling - drop - 0.1), cover),
    ]
    for index in range(blades):
        blade = box(reach, 0.13, 0.008).turned(0.2, "x").moved(reach / 2 + 0.12, 0, ceiling - drop - 0.05)
        parts.append(Part(blade.turned(2 * np.pi * index / blades), cover))
    return Thing("ceiling light", tuple(parts))


def panel_light(side: float, other: float, ceiling: float, glow: Material, frame: Material) -> Thing:
    """A flat light in the ceiling about the origin."""
    rim = Part(box(side + 0.05, other + 0.05, 0.012).moved(0, 0, ceiling - 0.0135), frame)
    x, y, z = side / 2, other / 2, ceiling - 0.015
    return Thing("ceiling light", (rim, Part(flat(np.array([[(x, -y, z), (-x, -y, z), (-x, y, z), (x, y, z)]])), glow)))


def _face(width: float, height: float, y: float) -> Mesh:
    """An upright rectangle facing the room, its picture upright, about x, from z = 0."""
    x = width / 2
    return flat(np.array([[(x, y, 0), (-x, y, 0), (-x, y, height), (x, y, height)]]), _UPRIGHT)


_UPRIGHT = np.array([[[0, 1], [1, 1], [1, 0], [0, 0.0]]]) * 0.9999


def _outward(part: Part) -> Part:
    """The part turned over where it faces the wall: lathes on a wall are seen from their top."""
    mesh = part.mesh
    if mesh.bounds[1, 1] > 0:
        return part
    return Part(
        Mesh(mesh.vertices * np.array([1, -1, 1]), mesh.normals * np.array([1, -1, 1]), mesh.uv, mesh.faces),
        part.material,
    )
