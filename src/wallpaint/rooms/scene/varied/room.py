"""A varied room from a seed: what real rooms have, at random, for networks that must find walls in real photos."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import fittings
from wallpaint.rooms.scene.geometry import flat
from wallpaint.rooms.scene.lighting import Sun
from wallpaint.rooms.scene.materials import Material, glossy, matte
from wallpaint.rooms.scene.occupancy import Part
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.room import FurnishedRoom
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.scene.varied.build import Build
from wallpaint.rooms.scene.varied.camera_pose import draw_lens, draw_viewpoint
from wallpaint.rooms.scene.varied.furniture_plan import lay_rugs, place_furniture, stand_before_lens
from wallpaint.rooms.scene.varied.hanging_plan import hang_lamps, hang_on_walls
from wallpaint.rooms.scene.varied.light import draw_lighting
from wallpaint.rooms.scene.varied.plan import draw_plan, open_walls
from wallpaint.rooms.scene.varied.shell import (
    build_ceiling_and_floor,
    build_columns_and_beams,
    build_walls,
    choose_finishes,
)
from wallpaint.rooms.scene.varied.things.joinery import fit_joinery
from wallpaint.rooms.snapshots.labels import Label

_STREAM = 17  # the varied rooms' own random numbers: seed 5 varied has nothing in common with seed 5 furnished


def furnish_varied(seed: int) -> FurnishedRoom:
    """The varied room of a seed, the same on every machine with the same numpy."""
    rng = np.random.default_rng([seed, _STREAM])
    palette = Palette(rng)
    regime, lighting = draw_lighting(rng)
    palette.trim = _trim(rng, palette)
    build = Build(rng, palette, open_walls(rng, draw_plan(rng)), regime, lighting)
    bands = choose_finishes(build)
    painted = build_walls(build, bands)
    build_ceiling_and_floor(build, bands)
    build_columns_and_beams(build, bands)
    fit_joinery(build, bands)
    use = place_furniture(build)
    hang_on_walls(build)
    hang_lamps(build)
    viewpoint, view = draw_viewpoint(rng, build.plan, build.taken.boxes)
    stand_before_lens(build, viewpoint)
    panes, sun = _daylight(build)
    lens = draw_lens(rng, viewpoint.field_of_view)
    rugs = lay_rugs(build)
    meta: dict[str, object] = {
        "kind": "varied",
        "plan": build.plan.kind,
        "use": use,
        "light": regime,
        "by_day": lighting.by_day,
        "sun": sun is not None,
        "finishes": [finish.name for finish, _ in build.coats],
        "field_of_view": round(viewpoint.field_of_view, 1),
        "aspect": list(lens.aspect),
        "white_balance": round(lighting.white_balance),
        "people": sum(thing.name == "person" for thing in build.taken.things),
    }
    return FurnishedRoom(
        seed,
        build.plan,
        tuple(build.shell),
        tuple(build.taken.things),
        rugs,
        sun,
        panes,
        viewpoint,
        view,
        painted,
        matte(finishes.tinted(rng)),
        meta,
        surfaces=tuple(build.surfaces),
        paint_color=build.coats[0][0].color,
        lens=lens,
        flash=regime == "flash",
    )


def _trim(rng: np.random.Generator, palette: Palette) -> Material:
    """White more often than not, matte or glossy; else wood, dark or coloured."""
    pick = rng.random()
    if pick < 0.68:
        color = finishes.white(rng)
        return glossy(color, 0.2) if rng.random() < 0.6 else matte(color)
    if pick < 0.85:
        return palette.wood
    return palette.dark if pick < 0.93 else glossy(finishes.tinted(rng), 0.25)


def _daylight(build: Build) -> tuple[tuple[Part, ...], Sun | None]:
    rng, lighting, plan = build.rng, build.lighting, build.plan
    windows = [(wall, opening) for wall in plan.walls for opening in wall.openings if opening.kind == "window"]
    panes = []
    dimmed = {"dim": 0.15, "tubes": 0.5}.get(build.regime, 1.0)
    for wall, opening in windows:
        corners, seen = fittings.outlook(opening, lighting.outdoors(rng) * np.float32(dimmed))
        placed = np.array([wall.point(x, z, y) for x, y, z in corners])
        mesh = flat(placed[None], np.array([[[0, 1], [1, 1], [1, 0], [0, 0.0]]]) * 0.9999)
        panes.append(Part(mesh, Material(np.zeros(3), glow=seen), Label.WINDOW))
    sun = None
    if lighting.by_day and build.regime != "dim" and windows and rng.random() < 0.4:
        wall = windows[rng.integers(len(windows))][0]
        sun = lighting.sunlight(rng, wall.inward, wall.along)
    return tuple(panes), sun
