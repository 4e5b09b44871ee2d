"""People as plain figures, standing or sitting, of any build: skin, hair and pale shirts are what counts."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh, ball, lathe, soft_box, tube
from wallpaint.rooms.scene.materials import Material, matte
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.varied.things.textiles import cloth

SKIN = np.array([[0.62, 0.42, 0.33], [0.5, 0.32, 0.23], [0.36, 0.21, 0.14], [0.2, 0.11, 0.07], [0.1, 0.055, 0.04]])
HAIR = np.array(
    [
        [0.01, 0.008, 0.007],
        [0.04, 0.022, 0.012],
        [0.12, 0.06, 0.03],
        [0.4, 0.28, 0.14],
        [0.45, 0.44, 0.42],
        [0.25, 0.06, 0.02],
    ]
)


def person(palette: Palette) -> Thing:
    """A figure about the origin, facing +y; arms anywhere; one in four sits, on nothing that shows."""
    rng = palette.rng
    tall = rng.uniform(1.05, 1.9)
    wide = rng.uniform(0.85, 1.3)
    skin = matte(np.clip(SKIN[rng.integers(len(SKIN))] * rng.uniform(0.8, 1.2), 0.02, 0.8))
    hair = matte(np.clip(HAIR[rng.integers(len(HAIR))] * rng.uniform(0.7, 1.4), 0.005, 0.7))
    top, lower = cloth(palette), cloth(palette)
    seated = rng.random() < 0.25
    hip, shoulder, chin = 0.49 * tall, 0.815 * tall, 0.865 * tall
    trunk = shoulder - hip
    girth = 0.105 * tall * wide
    torso = lathe(
        [
            (0, 0),
            (girth * 0.92, 0),
            (girth * 0.86, 0.3 * trunk),
            (girth * 1.1, 0.82 * trunk),
            (girth * 0.8, 0.97 * trunk),
            (girth * 0.3, trunk + 0.02),
            (0, trunk + 0.03),
        ],
        20,
    )
    torso = _squashed(torso, (1.0, 0.62, 1.0))
    head = 0.052 * tall
    parts = [
        Part(torso.moved(0, 0, hip), top),
        Part(tube((0, 0, shoulder), (0, 0.01, chin + 0.02), 0.03 * tall, 10), skin),
        Part(ball(head, (0.9, 1.0, 1.3)).moved(0, 0.012, chin + head * 1.1), skin),
    ]
    parts += _hair(rng, head, chin, shoulder, hair)
    reach = girth * 1.12
    for side in (-1, 1):
        start = np.array([side * reach * 0.92, 0, shoulder - 0.03 * tall])
        upper, lower_arm = _direction(rng, side, 0.5), _direction(rng, side, 1.0)
        elbow = start + 0.18 * tall * upper
        hand = elbow + 0.15 * tall * lower_arm
        sleeve = top if rng.random() < 0.55 else skin
        parts.append(Part(tube(start, elbow, 0.029 * tall * wide, 10), top))
        parts.append(Part(tube(elbow, hand, 0.022 * tall, 10), sleeve))
        parts.append(Part(ball(0.026 * tall, (0.8, 1, 1.2)).moved(*(hand + 0.02 * tall * lower_arm)), skin))
    parts += _legs(rng, palette, tall, hip, girth, lower, skin, seated)
    thing = Thing("person", tuple(parts))
    if seated:
        thing = thing.moved(0, 0, -max(0.0, hip - 0.45 * tall / 1.7))
    return thing.moved(0, 0, max(0.0, -thing.bounds[0, 2]))


def _legs(
    rng: np.random.Generator,
    palette: Palette,
    tall: float,
    hip: float,
    girth: float,
    cover: Material,
    skin: Material,
    seated: bool,
) -> list[Part]:
    thick = 0.05 * tall
    if seated:
        thigh, parts = 0.25 * tall, []
        for side in (-1, 1):
            knee = np.array([side * girth * 0.65, thigh + 0.08, hip + 0.02])
            start, foot = np.array([side * girth * 0.5, 0.0, hip + 0.03]), knee + np.array([0, 0.02, -0.26 * tall])
            parts += [
                Part(tube(start, knee, thick, 10), cover),
                Part(tube(knee, foot, thick * 0.75, 10), cover),
                Part(soft_box(0.085, 0.24, 0.08, 0.03).moved(foot[0], foot[1] + 0.07, foot[2] - 0.04), palette.dark),
            ]
        block = soft_box(2.2 * girth, 0.4, max(0.1, 0.26 * tall), 0.02).moved(0, 0.02, hip - 0.29 * tall)
        return [*parts, Part(block, palette.wood)]
    if rng.random() < 0.25:
        hem, flare = hip * rng.uniform(0.25, 0.6), rng.uniform(1.1, 1.7)
        skirt = lathe([(girth * flare, hem), (girth * 0.95, hip + 0.03), (0, hip + 0.04)], 20)
        parts = [Part(skirt, cover)]
        cover = skin
    else:
        parts = []
    for side in (-1, 1):
        x = side * girth * 0.5
        leg = lathe([(0, 0), (thick * 0.6, 0.0), (thick * 0.65, 0.5 * hip), (thick, hip), (0, hip + 0.02)], 12)
        parts.append(Part(leg.moved(x, 0, 0.02), cover))
        parts.append(Part(soft_box(0.085, 0.24, 0.08, 0.03).moved(x, 0.05, 0), palette.dark))
    return parts


def _hair(rng: np.random.Generator, head: float, chin: float, shoulder: float, hair: Material) -> list[Part]:
    pick = rng.random()
    if pick < 0.08:
        return []
    cap = Part(ball(head * 1.06, (0.94, 1.0, 1.1)).moved(0, -head * 0.18, chin + head * 1.5), hair)
    if pick < 0.5:
        return [cap]
    end = rng.uniform(shoulder - 0.2, chin)
    start = np.array([0, -head * 0.55, chin + head * 1.6])
    if pick < 0.85:
        fall = np.array([0, -head * 0.95, end])
        parts = [Part(_squashed(tube(start, fall, head * rng.uniform(0.75, 1.15), 12), (1.15, 1.0, 1.0)), hair)]
        return [cap, *parts]
    curls = [
        Part(
            ball(head * rng.uniform(0.35, 0.6)).moved(*(start + head * rng.normal(0, 0.55, 3) * (1.1, 0.6, 0.9))), hair
        )
        for _ in range(14)
    ]
    return [cap, *curls]


def _direction(rng: np.random.Generator, side: int, freedom: float) -> np.ndarray:
    way = np.array([side * abs(rng.normal(0.15, 0.35 * freedom)), rng.normal(0.25, 0.5 * freedom), -1.0])
    if rng.random() < 0.12:
        way[2] = rng.uniform(-0.3, 1.0)
    return way / np.linalg.norm(way)


def _squashed(mesh: Mesh, scale: tuple[float, float, float]) -> Mesh:
    normals = mesh.normals / np.array(scale)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    return Mesh(mesh.vertices * np.array(scale), normals, mesh.uv, mesh.faces)
