"""Objects on walls and ceilings: windows, curtains, doors, skirting, radiators, sockets, pictures, shelves, lights.

In the wall's own coordinates, in metres: x along the wall from its start, y into the room, z up. `Wall.angle` and
`Wall.start` give the transformation to the room.
"""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.geometry import ball, box, flat, lathe, sheet, soft_box, tube
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import WALL_THICKNESS, Opening

_PICTURE_UV = np.array([[[0, 0], [1, 0], [1, 1], [0, 1.0]]])


def window(palette: Palette, opening: Opening) -> Thing:
    """Frame, mullions and sill of a window; the glowing pane is made by `outlook`."""
    rng, trim = palette.rng, palette.trim
    width, height, middle = opening.right - opening.left, opening.top - opening.bottom, opening.centre
    y, bar = -0.1, 0.055
    parts = [
        Part(soft_box(bar, 0.06, height, 0.006).moved(x, y, opening.bottom), trim)
        for x in (opening.left + bar / 2, opening.right - bar / 2)
    ]
    parts += [
        Part(soft_box(width, 0.06, bar, 0.006).moved(middle, y, z), trim) for z in (opening.bottom, opening.top - bar)
    ]
    lights = max(1, round(width / rng.uniform(0.6, 1.1)))
    for index in range(1, lights):
        parts.append(
            Part(
                soft_box(0.07, 0.055, height, 0.006).moved(opening.left + index * width / lights, y, opening.bottom),
                trim,
            )
        )
    if rng.random() < 0.4:
        level = opening.bottom + height * rng.uniform(0.5, 0.72)
        parts.append(Part(soft_box(width, 0.05, 0.04, 0.006).moved(middle, y, level), trim))
    if opening.bottom > 0.3:
        parts.append(
            Part(soft_box(width + 0.12, 0.14, 0.025, 0.008).moved(middle, 0.071, opening.bottom - 0.026), trim)
        )
    return Thing("window", tuple(parts))


def curtains(palette: Palette, opening: Opening, ceiling: float, room: tuple[float, float]) -> Thing:
    """Two gathered panels on a rod, within `room` (x0, x1) of the wall."""
    rng, cover = palette.rng, palette.fabric(0.35, 0.95)
    top = min(ceiling - 0.06, opening.top + rng.uniform(0.1, 0.25))
    bottom = 0.03 if rng.random() < 0.75 else opening.bottom - 0.16
    covered = rng.uniform(0.08, 0.3) * (opening.right - opening.left)
    reach = rng.uniform(0.12, 0.3)
    spans = (
        (max(room[0], opening.left - reach), opening.left + covered),
        (opening.right - covered, min(room[1], opening.right + reach)),
    )
    parts = []
    for x0, x1 in spans:
        x = np.linspace(x0, x1, 90)
        fold = np.sin(np.linspace(0, 2 * np.pi * max(2.0, (x1 - x0) * rng.uniform(9, 14)), 90) + rng.uniform(0, 6))
        levels = np.linspace(bottom, top, 5)
        sag = 1 + 0.25 * (top - levels) / (top - bottom)
        y = 0.2 + 0.028 * fold[:, None] * sag
        points = np.stack([np.repeat(x[:, None], 5, 1), y, np.repeat(levels[None], 90, 0)], -1)
        parts.append(Part(sheet(points), cover))
    rod = tube((spans[0][0], 0.2, top + 0.013), (spans[1][1], 0.2, top + 0.013), 0.012)
    return Thing("curtains", (*parts, Part(rod, palette.dark)))


def blind(palette: Palette, opening: Opening) -> Thing:
    """A roller blind drawn part of the way down, in the reveal."""
    drop = palette.rng.uniform(0.15, 0.55) * (opening.top - opening.bottom)
    width = opening.right - opening.left - 0.03
    cover = palette.fabric(0.5, 0.95, 0.4)
    parts = (
        Part(box(width, 0.004, drop).moved(opening.centre, -0.045, opening.top - 0.05 - drop), cover),
        Part(
            tube(
                (opening.left + 0.015, -0.035, opening.top - 0.03),
                (opening.right - 0.015, -0.035, opening.top - 0.03),
                0.02,
            ),
            cover,
        ),
    )
    return Thing("blind", parts)


def door(palette: Palette, opening: Opening, ajar: float = 0.0) -> Thing:
    """A panelled door leaf, opened away from the room by `ajar` radians."""
    rng = palette.rng
    face = palette.trim if rng.random() < 0.7 else palette.wood
    width, height = opening.right - opening.left, opening.top - opening.bottom
    leaf = [Part(box(width - 0.012, 0.04, height - 0.012).moved(width / 2, -0.03, 0.006), face)]
    for low, high in ((0.12, 0.42), (0.5, 0.92)):
        panel = soft_box(width - 0.26, 0.012, (high - low) * height, 0.005)
        leaf.append(Part(panel.moved(width / 2, -0.008, low * height), face))
    leaf.append(Part(tube((width - 0.07, -0.01, 1.02), (width - 0.07, 0.05, 1.02), 0.009), palette.steel))
    leaf.append(Part(tube((width - 0.17, 0.05, 1.02), (width - 0.06, 0.05, 1.02), 0.009), palette.steel))
    swung = [part.moved(0, 0, 0).turned(-ajar) for part in leaf]
    hinge_y = -WALL_THICKNESS + 0.02 if ajar else -0.005
    parts = [part.moved(opening.left, hinge_y, opening.bottom) for part in swung]
    return Thing("door", tuple(parts))


def door_frame(palette: Palette, opening: Opening) -> Thing:
    trim, width = palette.trim, opening.right - opening.left
    casing = [
        Part(soft_box(0.07, 0.018, opening.top + 0.07, 0.005).moved(x, 0.0095, 0), trim)
        for x in (opening.left - 0.035, opening.right + 0.035)
    ]
    head = soft_box(width - 0.001, 0.018, 0.07, 0.005).moved(opening.centre, 0.0095, opening.top)
    return Thing("door frame", (*casing, Part(head, trim)))


def skirting(palette: Palette, spans: list[tuple[float, float]], height: float) -> Thing:
    """Skirting boards along the foot of a wall, one for each span (x0, x1)."""
    parts = [
        Part(soft_box(x1 - x0, 0.014, height, 0.004).moved((x0 + x1) / 2, 0.0075, 0.0), palette.trim)
        for x0, x1 in spans
    ]
    return Thing("skirting", tuple(parts))


def cornice(palette: Palette, length: float, ceiling: float) -> Thing:
    return Thing(
        "cornice", (Part(soft_box(length, 0.05, 0.06, 0.022).moved(length / 2, 0.0255, ceiling - 0.061), palette.trim),)
    )


def radiator(palette: Palette, centre: float, width: float, top: float) -> Thing:
    """A panel radiator with its ribs."""
    height = min(0.6, top - 0.16)
    count = max(4, round(width / 0.06))
    rib = [
        Part(
            soft_box(0.04, 0.05, height, 0.012).moved(
                centre - width / 2 + (i + 0.5) * width / count, 0.085, top - 0.05 - height
            ),
            palette.trim,
        )
        for i in range(count)
    ]
    back = box(width, 0.02, height - 0.04).moved(centre, 0.05, top - 0.03 - height)
    pipe = tube((centre + width / 2 + 0.03, 0.06, 0), (centre + width / 2 + 0.03, 0.06, top - height + 0.05), 0.009)
    return Thing("radiator", (*rib, Part(back, palette.trim), Part(pipe, palette.trim)))


def socket(palette: Palette, x: float, z: float, gangs: int = 1) -> Thing:
    plates = []
    for gang in range(gangs):
        at = x + 0.082 * gang
        plates.append(Part(soft_box(0.08, 0.009, 0.08, 0.004).moved(at, 0.005, z), palette.trim))
        plates.append(Part(soft_box(0.05, 0.004, 0.05, 0.0015).moved(at, 0.0118, z + 0.015), palette.trim))
    return Thing("socket", tuple(plates))


def picture(palette: Palette, width: float, height: float) -> Thing:
    """A framed print, centred on the origin of its wall coordinates, bottom at z = 0."""
    rng = palette.rng
    frame = [palette.dark, palette.wood, palette.trim, palette.steel][rng.choice(4, p=[0.35, 0.35, 0.2, 0.1])]
    bar, thick = rng.uniform(0.012, 0.035), rng.uniform(0.016, 0.03)
    sides = [
        Part(soft_box(bar, thick, height, 0.003).moved(side * (width - bar) / 2, thick / 2 + 0.002, 0), frame)
        for side in (-1, 1)
    ]
    sides += [
        Part(soft_box(width - 2 * bar, thick, bar, 0.003).moved(0, thick / 2 + 0.002, z), frame)
        for z in (0, height - bar)
    ]
    margin = rng.uniform(0.0, 0.2) * min(width, height) if rng.random() < 0.6 else 0.0
    faces = []
    for inset, y, material in (
        (bar, 0.008, matte((0.75, 0.74, 0.71))),
        (bar + margin, 0.009, matte(textures.art(rng))),
    ):
        x, low, high = width / 2 - inset, inset, height - inset
        corners = [(x, y, low), (-x, y, low), (-x, y, high), (x, y, high)]
        faces.append(Part(flat(np.array([corners]), _PICTURE_UV), material))
    return Thing("picture", (*sides, *faces))


def television(palette: Palette) -> Thing:
    width = palette.rng.uniform(0.9, 1.4)
    return Thing(
        "television",
        (Part(soft_box(width, 0.035, width * 0.57, 0.008).moved(0, 0.04, 0), glossy((0.012, 0.012, 0.014), 0.08)),),
    )


def wall_shelf(palette: Palette) -> Thing:
    width, depth = palette.rng.uniform(0.5, 1.1), palette.rng.uniform(0.16, 0.24)
    board = palette.wood if palette.rng.random() < 0.6 else palette.trim
    brackets = [
        Part(box(0.02, depth * 0.8, 0.02).moved(x, depth * 0.4 + 0.002, -0.0205), palette.dark)
        for x in (-width / 3, width / 3)
    ]
    shelf = Part(box(width, depth, 0.022).moved(0, depth / 2 + 0.002, 0), board)
    return Thing("wall shelf", (shelf, *brackets), ((-width / 2, width / 2, 0.012, depth, 0.022, 0.32),))


def ceiling_light(palette: Palette, ceiling: float, glow: Material) -> Thing:
    """A bowl under the ceiling, or a pendant on a cord, about the origin."""
    rng = palette.rng
    if rng.random() < 0.5:
        radius = rng.uniform(0.14, 0.24)
        shade = lathe(
            [
                (0.001, ceiling - 0.11),
                (radius * 0.8, ceiling - 0.095),
                (radius, ceiling - 0.03),
                (radius, ceiling - 0.005),
            ]
        )
        return Thing("ceiling light", (Part(shade, glow),))
    drop, radius = rng.uniform(0.35, 0.65), rng.uniform(0.1, 0.2)
    globe = ball(radius).moved(0, 0, ceiling - drop)
    cord = tube((0, 0, ceiling - drop + radius - 0.002), (0, 0, ceiling - 0.003), 0.005)
    return Thing("ceiling light", (Part(globe, glow), Part(cord, palette.dark)))


def outlook(opening: Opening, radiance: np.ndarray) -> tuple[np.ndarray, Texture]:
    """(4, 3) corners, in wall coordinates, of the glowing pane behind a window, facing the room, and its texture."""
    y = -WALL_THICKNESS
    corners = [
        (opening.right, y, opening.bottom),
        (opening.left, y, opening.bottom),
        (opening.left, y, opening.top),
        (opening.right, y, opening.top),
    ]
    return np.array(corners), Texture(radiance, (1.0, 1.0))
