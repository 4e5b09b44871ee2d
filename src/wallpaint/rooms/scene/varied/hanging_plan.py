"""What hangs on the walls and ceiling of a varied room, lamps included."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import clutter, fittings, furniture
from wallpaint.rooms.scene.arrange import fits, hang, somewhere, stand_free
from wallpaint.rooms.scene.materials import Material, matte
from wallpaint.rooms.scene.occupancy import Thing
from wallpaint.rooms.scene.plan import Wall
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.scene.varied.build import Build, fits_plan
from wallpaint.rooms.scene.varied.light import lamp_glow
from wallpaint.rooms.scene.varied.things import decoration, fixtures, textiles


def hang_on_walls(build: Build) -> None:
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    busy = rng.choice([0.0, 0.6, 1.2, 2.5], p=[0.12, 0.28, 0.35, 0.25])
    glow = lamp_glow(rng, build.regime, build.lighting, 6.0)
    for wall in plan.walls:
        for _ in range(int(rng.integers(0, 4))):
            up = float(rng.choice([0.28, 0.3, 1.05, 1.2, 1.9]))
            gangs = int(rng.integers(1, 4)) if up < 1 else 1
            hang(
                plan,
                taken,
                fittings.socket(palette, 0.0, 0.0, gangs),
                wall,
                rng.uniform(0.15, max(0.2, wall.length - 0.3)),
                up,
            )
        if rng.random() < 0.12:
            hang(
                plan,
                taken,
                fixtures.pipes(palette, plan.height - 0.01),
                wall,
                rng.uniform(0.05, wall.length - 0.05),
                0.0,
            )
        if rng.random() < 0.08 and wall.length > 0.7:
            length = wall.length * rng.uniform(0.3, 0.9)
            hang(
                plan,
                taken,
                fixtures.cable(palette, length),
                wall,
                rng.uniform(0.03, wall.length - length),
                plan.height - rng.uniform(0.1, 0.8),
            )
        if wall.length < 0.7:
            continue
        if rng.random() < 0.3 * busy:
            _gallery(build, wall)
        for _ in range(int(rng.poisson(1.1 * busy))):
            thing, up = _wall_thing(build, wall, glow)
            hang(plan, taken, thing, wall, rng.uniform(0.2, max(0.25, wall.length - 0.2)), up)


def _gallery(build: Build, wall: Wall) -> None:
    """Frames in a row, a grid or a cloud."""
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(2, 6))
    size = rng.uniform(0.16, 0.42, 2)
    gap, stray = rng.uniform(0.03, 0.25), rng.choice([0.0, 0.05])
    frame = palette.dark if rng.random() < 0.4 else matte(finishes.white(rng)) if rng.random() < 0.6 else palette.wood
    start, level = rng.uniform(0.3, max(0.31, wall.length - columns * (size[0] + gap))), rng.uniform(0.9, 1.5)
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.1:
                continue
            own = size * (1 if stray == 0 else rng.uniform(0.7, 1.15, 2))
            thing = decoration.picture(palette, own[0], own[1], frame if rng.random() < 0.9 else None)
            along = start + size[0] / 2 + column * (size[0] + gap) + stray * rng.normal()
            hang(plan, taken, thing, wall, along, level + row * (size[1] + gap) + stray * rng.normal())


def _wall_thing(build: Build, wall: Wall, glow: Material) -> tuple[Thing, float]:
    """Something that hangs, and how high its foot is."""
    rng, palette = build.rng, build.palette
    size, level = rng.uniform(0.2, 1.0, 2), rng.uniform(1.0, 1.6)
    shelf = fittings.wall_shelf
    kinds = ("picture", "poster", "canvas", "mirror", "clock", "cards", "cloth", "shelf", "appliance", "board", "hooks")
    kind = rng.choice(
        [*kinds, "television", "sconce", "string", "tube"],
        p=[0.17, 0.11, 0.09, 0.08, 0.07, 0.05, 0.06, 0.12, 0.04, 0.03, 0.06, 0.03, 0.04, 0.02, 0.03],
    )
    if kind == "picture":
        return decoration.picture(palette, *size), level
    if kind in ("poster", "canvas", "mirror", "cloth"):
        make = {"poster": decoration.poster, "canvas": decoration.canvas, "mirror": decoration.mirror}
        return make.get(str(kind), decoration.hanging)(palette, *size), level
    if kind == "clock":
        return decoration.clock(palette), rng.uniform(1.5, 1.9)
    if kind == "cards":
        return decoration.cards(palette, *(size + 0.2)), level
    if kind == "shelf":
        return clutter.fill(shelf(palette), palette, 0.7), rng.uniform(1.0, 1.7)
    if kind == "appliance":
        return decoration.appliance(palette), rng.uniform(1.4, 2.1)
    if kind == "board":
        return decoration.board(palette), rng.uniform(0.8, 1.1)
    if kind == "hooks":
        return textiles.hooks(palette), rng.uniform(0.2, 0.5)
    if kind == "television":
        return fittings.television(palette), rng.uniform(0.9, 1.2)
    if kind == "sconce":
        return decoration.sconce(palette, glow), rng.uniform(1.5, 1.8)
    if kind == "tube":
        return decoration.tube_light(palette, lamp_glow(rng, build.regime, build.lighting, 9.0)), rng.uniform(1.9, 2.4)
    length = min(rng.uniform(0.8, 2.2), wall.length - 0.1)
    return decoration.lights_string(palette, length, glow), rng.uniform(1.3, 1.9)


def hang_lamps(build: Build) -> None:
    """Enough light for the regime; by day perhaps none."""
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    regime, lighting = build.regime, build.lighting
    flat_ceiling = plan.kind != "sloped"
    windows = lighting.by_day and any(hole.kind == "window" for wall in plan.walls for hole in wall.openings)
    low, high = plan.corners.min(0), plan.corners.max(0)
    standing = {"lamps": 3, "mixed": 2, "colored": 2, "dim": 1}.get(regime, int(rng.random() < 0.25))
    for _ in range(int(rng.integers(0, standing + 1))):
        shade, bulb = lamp_glow(rng, regime, lighting, 2.5), lamp_glow(rng, regime, lighting, 60.0)
        stand_free(rng, plan, taken, furniture.floor_lamp(palette, shade, bulb), near_wall=0.6)
    if rng.random() < 0.12 and flat_ceiling:
        stand_free(rng, plan, taken, decoration.fan(palette, plan.height))
    if regime == "tubes" and flat_ceiling:
        sizes = [(0.6, 0.6), (1.2, 0.3), (1.4, 0.08), (0.12, 0.12)][rng.integers(4)]
        glow = lamp_glow(rng, regime, lighting, 7.0 if sizes[1] > 0.15 else 25.0)
        steps = [np.arange(low[a] + 0.7, high[a] - 0.5, max(1.6, (high - low)[a] / 3)) for a in range(2)]
        for x in steps[0]:
            for y in steps[1]:
                thing = decoration.panel_light(*sizes, plan.height, glow, palette.trim).moved(x, y, 0)
                if fits_plan(plan, thing):
                    taken.place(thing)
        return
    lit = any(part.material.glow is not None for thing in taken.things for part in thing.parts)
    needed = not (lit or windows) and regime != "flash"
    if needed or rng.random() < (0.25 if windows else 0.5):
        glow = lamp_glow(rng, regime, lighting, 9.0)
        for place in ((low + high) / 2, *(np.array(somewhere(rng, plan)) for _ in range(30))):
            height = float(plan.ceiling_at(place)) - (0 if flat_ceiling else 0.12)
            thing = fittings.ceiling_light(palette, height, glow).moved(*place, 0)
            if fits(plan, thing) and thing.bounds[0, 2] > 1.6 and taken.place(thing):
                break
