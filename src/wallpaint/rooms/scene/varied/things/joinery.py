"""Windows, doors, mouldings and what hangs at windows, set into the shell of a varied room."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import fittings
from wallpaint.rooms.scene.arrange import box_at, fits, on_wall
from wallpaint.rooms.scene.materials import glossy
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.plan import WALL_THICKNESS, Opening, Wall
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.scene.varied.build import Build
from wallpaint.rooms.scene.varied.plan import NICHE, is_reflex
from wallpaint.rooms.scene.varied.things import fixtures, textiles
from wallpaint.rooms.snapshots.labels import Label


def fit_joinery(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
    """Mouldings, windows, doors, and what hangs at them."""
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    skirting = rng.uniform(0.04, 0.2) if rng.random() < 0.85 else 0.0
    crown = rng.uniform(0.03, 0.16) if plan.kind != "sloped" and rng.random() < 0.45 else 0.0
    style, build.crown = int(rng.integers(1 << 30)), crown
    rail = rng.uniform(0.8, 1.1) if rng.random() < 0.08 else 0.0
    dressed, radiators = rng.random() < 0.7, rng.random() < 0.45
    rail = bands[0][0][1] if len(bands[0]) > 1 and rng.random() < 0.6 else rail
    trim = palette.trim
    for index, wall in enumerate(plan.walls):
        floor_spans, high_spans = [(0.0, wall.length)], [(0.0, wall.length)]
        for opening in sorted(wall.openings, key=lambda hole: hole.left):
            margin = 0.072 if opening.kind != "window" else 0.03
            cut = (opening.left - margin, opening.right + margin)
            if opening.bottom < 0.3:
                floor_spans = _without(floor_spans, cut)
            if opening.bottom < rail < opening.top:
                high_spans = _without(high_spans, cut)
            if opening.kind == "window":
                _window(build, wall, opening, dressed, radiators)
            elif opening.kind != NICHE:
                _door(build, wall, opening)
        mouldings = []
        if skirting:
            profile = [(0.014, 0.0), (0.014, skirting * 0.85), (0.006, skirting), (0.001, skirting)]
            mouldings += [fixtures.moulding(profile, *span) for span in floor_spans]
        if rail:
            profile = [(0.001, rail - 0.03), (0.02, rail - 0.02), (0.02, rail + 0.02), (0.001, rail + 0.03)]
            mouldings += [fixtures.moulding(profile, *span) for span in high_spans]
        if crown:
            reach = crown if is_reflex(plan, index) else 0.0
            after = crown if is_reflex(plan, (index + 1) % len(plan.walls)) else 0.0
            own = np.random.default_rng(style)
            mouldings.append(fixtures.coving(own, crown, plan.height, -reach, wall.length + after))
        for mesh in mouldings:
            taken.add(on_wall(Thing("skirting", (Part(mesh, trim, Label.TRIM),)), wall))


def _without(spans: list[tuple[float, float]], cut: tuple[float, float]) -> list[tuple[float, float]]:
    pieces = [piece for a, b in spans for piece in ((a, min(b, cut[0])), (max(a, cut[1]), b))]
    return [(a, b) for a, b in pieces if b - a > 0.02]


def _window(build: Build, wall: Wall, opening: Opening, dressed: bool, radiators: bool) -> None:
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    trim = palette.trim
    if rng.random() < 0.2:
        palette.trim = palette.dark
    taken.add(on_wall(fittings.window(palette, opening), wall))
    palette.trim = trim
    ends = np.array([wall.point(at, 0)[:2] for at in (0, wall.length)])
    pick = rng.random()
    if dressed and pick < 0.7:
        hung = textiles.curtains(palette, opening, float(plan.ceiling_at(ends).min()), (0.2, wall.length - 0.2))
        placed = on_wall(hung, wall)
        if fits(plan, placed):
            taken.place(placed)
    elif pick > 0.6 and opening.top - opening.bottom > 0.6:
        taken.place(on_wall(textiles.blind(palette, opening), wall))
    if radiators and opening.bottom > 0.45:
        width, height = (opening.right - opening.left) * rng.uniform(0.5, 1.0), min(0.6, opening.bottom - 0.25)
        taken.place(on_wall(fixtures.radiator(palette, width, height), wall, opening.centre))
    taken.keep_clear(box_at(wall, opening.left, opening.right, 0.02, 0.35, opening.bottom + 0.15, opening.top))


def _door(build: Build, wall: Wall, opening: Opening) -> None:
    rng, palette, taken = build.rng, build.palette, build.taken
    trim, wood = palette.trim, palette.wood
    taken.keep_clear(box_at(wall, opening.left - 0.1, opening.right + 0.1, 0.03, 0.8, 0.0, 2.05))
    if rng.random() < 0.9:
        taken.add(on_wall(fittings.door_frame(palette, opening), wall))
    if opening.kind == "doorway":
        return
    pick = rng.random()
    if pick < 0.55:
        palette.trim = glossy(finishes.white(rng), 0.25)
    elif pick < 0.7:
        palette.trim = palette.wood = glossy(finishes.tinted(rng), 0.3)
    elif pick < 0.78:
        palette.trim = palette.wood = palette.dark
    ajar = float(rng.uniform(0.4, 1.7)) if _has_next_room(build, wall, opening) else 0.0
    taken.add(on_wall(fittings.door(palette, opening, ajar), wall))
    palette.trim, palette.wood = trim, wood


def _has_next_room(build: Build, wall: Wall, opening: Opening) -> bool:
    middle = wall.point(opening.centre, 1.0, -WALL_THICKNESS - 0.5)
    rooms = [part.mesh.bounds for part in build.shell if part.label == Label.OTHER and part.surface]
    return any((low <= middle).all() and (middle <= high).all() for low, high in rooms)
