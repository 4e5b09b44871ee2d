"""What stands on the floor of a varied room, and who; some of it close before the lens."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import clutter, furniture
from wallpaint.rooms.scene.arrange import USES, fits, somewhere, stand_at, stand_free
from wallpaint.rooms.scene.geometry import box, soft_box
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.varied.build import Build
from wallpaint.rooms.scene.varied.things import fixtures, people, textiles
from wallpaint.rooms.scene.viewpoint import Viewpoint


def place_furniture(build: Build) -> str:
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    density = rng.uniform(0.4, 1.0)
    use = str(rng.choice([*USES, "kitchen", "bare"], p=[0.24, 0.25, 0.14, 0.09, 0.06, 0.14, 0.08]))
    wanted: list[Thing] = []
    ceiling = plan.height - build.crown - 0.004
    if use == "kitchen" and plan.kind != "sloped":
        wanted.append(fixtures.kitchen(palette, rng.uniform(1.4, 3.4), ceiling))
    if rng.random() < 0.22 and plan.kind != "sloped":
        wanted.append(
            fixtures.wardrobe_wall(palette, rng.uniform(0.9, 3.2), ceiling if rng.random() < 0.6 else min(2.2, ceiling))
        )
    if rng.random() < 0.08:
        wanted.append(fixtures.chimney_piece(palette, rng.uniform(1.0, 1.5)))
    if use == "bedroom":
        wanted += [textiles.bed(palette) for _ in range(int(rng.integers(1, 3)))]
    if rng.random() < 0.14:
        wanted.append(textiles.clothes_rail(palette))
    for piece, chance in USES.get(use, USES["living"] if use == "kitchen" else []):
        if rng.random() < chance and piece is not furniture.bed:
            wanted.append(piece(palette))
    extras = [furniture.sideboard, furniture.bookcase, furniture.wardrobe, furniture.nightstand, furniture.desk]
    if use != "bare":
        wanted += [extras[rng.integers(len(extras))](palette) for _ in range(int(rng.poisson(0.9)))]
    if rng.random() < 0.3:
        wanted.append(fixtures.radiator(palette, rng.uniform(0.5, 1.4), rng.uniform(0.4, 0.9)))
    for thing in wanted:
        filled = clutter.fill(thing, palette, density)
        for _ in range(10):
            if stand_at(rng, plan, taken, filled, plan.walls[rng.integers(len(plan.walls))]) is not None:
                break
    tables = {"dining": 0.9, "kitchen": 0.4, "living": 0.1}.get(use, 0.03) + 0.5 * (plan.kind == "hall")
    if rng.random() < tables:
        for _ in range(3 if plan.kind == "hall" else 1):
            stand_free(rng, plan, taken, clutter.fill(furniture.dining_set(palette), palette, 0.4), tries=20)
    free = [
        (clutter.plant, 0.4, 0.6),
        (clutter.plant, 0.2, 3.0),
        (furniture.stool, 0.3, 3.0),
        (furniture.dining_chair, 0.4, 3.0),
        (furniture.coffee_table, 0.35, 9.0),
        (furniture.armchair, 0.2, 9.0),
        (_heap, 0.45, 9.0),
        (_heap, 0.2, 0.6),
    ]
    for make, chance, near in free:
        if rng.random() < chance:
            thing = make(palette)
            thing = clutter.fill(thing, palette, 0.4) if thing.shelves else thing
            stand_free(rng, plan, taken, thing.turned(rng.uniform(0, 6.28)), near_wall=near, tries=8)
    crowd = int(rng.integers(4, 14)) if plan.kind == "hall" and rng.random() < 0.5 else int(rng.random() < 0.2)
    for _ in range(crowd):
        stand_free(rng, plan, taken, people.person(palette).turned(rng.uniform(0, 6.28)), tries=8)
    return use


def _heap(palette: Palette) -> Thing:
    """Boxes, balls and bags on the floor: things without a name."""
    rng, parts = palette.rng, []
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(0.12, 0.5, 3)
        mesh = box(*size) if rng.random() < 0.5 else soft_box(size[0], size[1], size[2], 0.05, rng.uniform(0.3, 1.0))
        parts.append(Part(mesh.turned(rng.uniform(0, 3)).moved(*rng.normal(0, 0.25, 2), 0), textiles.cloth(palette)))
    return Thing("heap", tuple(parts))


def lay_rugs(build: Build) -> tuple[Thing, ...]:
    rng, plan, palette = build.rng, build.plan, build.palette
    rugs: list[Thing] = []
    if rng.random() < 0.5:
        for _ in range(6):
            size = rng.uniform(1.0, 2.4), rng.uniform(0.7, 1.7)
            lying = furniture.rug(palette, *size, textiles.cloth(palette)).moved(*somewhere(rng, plan), 0)
            if fits(plan, lying):
                rugs.append(lying)
                break
    return tuple(rugs)


def stand_before_lens(build: Build, viewpoint: Viewpoint) -> None:
    """People and things close before the lens, cut off by the frame."""
    rng, plan, palette, taken = build.rng, build.plan, build.palette, build.taken
    if rng.random() > 0.4:
        return
    ahead = (viewpoint.target - viewpoint.eye)[:2]
    heading = np.arctan2(ahead[1], ahead[0])
    spread = np.radians(viewpoint.field_of_view) * 0.5
    for _ in range(int(rng.integers(1, 4))):
        pick = rng.random()
        thing = (
            people.person(palette)
            if pick < 0.65
            else clutter.plant(palette)
            if pick < 0.8
            else furniture.dining_chair(palette)
        )
        distance, angle = rng.uniform(0.8, 3.2), heading + rng.uniform(-1, 1) * spread
        place = viewpoint.eye[:2] + distance * np.array([np.cos(angle), np.sin(angle)])
        placed = thing.turned(rng.uniform(0, 6.28)).moved(*place, 0)
        near = placed.bounds[:, :2] - viewpoint.eye[:2]
        clear_of_eye = not ((near[0] < 0.2) & (near[1] > -0.2)).all()
        if clear_of_eye and fits(plan, placed):
            taken.place(placed)
