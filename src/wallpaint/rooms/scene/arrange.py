"""Placing objects in a room: fittings in the walls, furniture on the floor, pictures on free parts of the walls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wallpaint.rooms.scene import clutter, fittings, furniture, textures
from wallpaint.rooms.scene.lighting import Lighting
from wallpaint.rooms.scene.materials import Material, Texture, matte
from wallpaint.rooms.scene.occupancy import Occupancy, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import Opening, Plan, Wall

Piece = Callable[[Palette], Thing]

USES: dict[str, list[tuple[Piece, float]]] = {
    "living": [
        (furniture.sofa, 1.0),
        (furniture.sideboard, 0.7),
        (furniture.bookcase, 0.6),
        (furniture.armchair, 0.6),
        (furniture.storage_boxes, 0.15),
    ],
    "bedroom": [
        (furniture.bed, 1.0),
        (furniture.nightstand, 0.7),
        (furniture.nightstand, 0.5),
        (furniture.wardrobe, 0.6),
        (furniture.sideboard, 0.35),
        (furniture.armchair, 0.25),
    ],
    "study": [
        (furniture.desk, 1.0),
        (furniture.bookcase, 0.9),
        (furniture.bookcase, 0.4),
        (furniture.sofa, 0.35),
        (furniture.armchair, 0.4),
        (furniture.storage_boxes, 0.4),
    ],
    "dining": [(furniture.sideboard, 0.9), (furniture.bookcase, 0.4), (furniture.armchair, 0.2)],
    "moving": [(furniture.storage_boxes, 1.0), (furniture.storage_boxes, 0.6), (furniture.armchair, 0.3)],
}


def on_wall(thing: Thing, wall: Wall, along: float = 0.0, up: float = 0.0) -> Thing:
    """A thing moved from its own coordinates to a wall, `along` metres from the wall's start and `up` metres high."""
    return thing.turned(wall.angle).moved(*wall.point(along, up))


def fits(plan: Plan, thing: Thing) -> bool:
    """True if a thing lies within the floor's outline and below the ceiling."""
    low, high = thing.bounds
    ticks = np.linspace(0.001, 0.999, 7)[:, None]
    footprint = low[:2] + np.stack(np.meshgrid(ticks[:, 0], ticks[:, 0], indexing="ij"), -1) * (high - low)[:2]
    return bool(plan.contains(footprint).all() and (plan.ceiling_at(footprint) > high[2]).all() and low[2] > -1e-6)


def build_in(rng: np.random.Generator, palette: Palette, plan: Plan, taken: Occupancy) -> None:
    """Add windows, doors, skirting, cornice, radiators and curtains, and keep the floor in front of openings clear."""
    board, with_cornice = rng.uniform(0.05, 0.13), plan.kind != "sloped" and rng.random() < 0.3
    curtained, radiators = rng.random() < 0.6, rng.random() < 0.65
    for index, wall in enumerate(plan.walls):
        spans = [(0.016, wall.length - 0.016)]
        for opening in wall.openings:
            if opening.kind == "window":
                _fit_window(rng, palette, plan, taken, wall, opening, curtained, radiators)
                if opening.bottom > 0.2:
                    continue
            else:
                ajar = 0.0 if opening.kind == "door" else rng.choice([0.0, rng.uniform(1.1, 1.7)], p=[0.6, 0.4])
                taken.add(on_wall(fittings.door_frame(palette, opening), wall))
                if opening.kind == "door" or ajar:
                    taken.add(on_wall(fittings.door(palette, opening, ajar), wall))
                taken.keep_clear(box_at(wall, opening.left - 0.1, opening.right + 0.1, 0.03, 0.85, 0.0, 2.05))
            margin = 0.0 if opening.kind == "window" else 0.072
            last = spans.pop()
            spans += [(last[0], opening.left - margin), (opening.right + margin, last[1])]
        boards = [span for span in spans if span[1] - span[0] > 0.05]
        if boards:
            taken.add(on_wall(fittings.skirting(palette, boards, board), wall))
        if with_cornice and plan.kind in ("box", "next-room") and index in (0, 2):
            taken.add(on_wall(fittings.cornice(palette, wall.length - 0.002, plan.height), wall, 0.001))
        elif with_cornice and plan.kind in ("box", "next-room"):
            taken.add(on_wall(fittings.cornice(palette, wall.length - 0.104, plan.height), wall, 0.052))


def _fit_window(
    rng: np.random.Generator,
    palette: Palette,
    plan: Plan,
    taken: Occupancy,
    wall: Wall,
    opening: Opening,
    curtained: bool,
    radiators: bool,
) -> None:
    taken.add(on_wall(fittings.window(palette, opening), wall))
    if radiators and opening.bottom > 0.5:
        width = (opening.right - opening.left) * rng.uniform(0.6, 0.95)
        taken.place(on_wall(fittings.radiator(palette, opening.centre, width, opening.bottom - 0.08), wall))
    ends = np.array([wall.point(at, 0)[:2] for at in (0, wall.length)])
    if curtained:
        hung = on_wall(
            fittings.curtains(palette, opening, float(plan.ceiling_at(ends).min()), (0.26, wall.length - 0.26)), wall
        )
        if fits(plan, hung):
            taken.place(hung)
    elif rng.random() < 0.3:
        taken.place(on_wall(fittings.blind(palette, opening), wall))
    taken.keep_clear(box_at(wall, opening.left, opening.right, 0.02, 0.4, opening.bottom + 0.15, opening.top))


def furnish_floor(
    rng: np.random.Generator,
    palette: Palette,
    plan: Plan,
    taken: Occupancy,
    use: str,
    lamp: tuple[Material, Material],
    lighting: Lighting,
) -> tuple[Thing, ...]:
    """Add large furniture along the walls, then free-standing pieces, then plants, lamps, people; returns the rugs."""
    density = rng.uniform(0.35, 0.95)
    table_lamp = lamp if rng.random() < (0.35 if lighting.by_day else 0.7) else None
    rugs: list[Thing] = []
    for piece, chance in USES[use]:
        if rng.random() > chance:
            continue
        for _ in range(12):
            filled = clutter.fill(piece(palette), palette, density, table_lamp)
            wall = plan.walls[rng.integers(len(plan.walls))]
            if (spot := stand_at(rng, plan, taken, filled, wall)) is not None:
                if any(part.material in lamp for part in filled.parts):
                    table_lamp = None
                if filled.name == "sofa" and rng.random() < 0.7:
                    set_before(rng, palette, plan, taken, wall, spot, density)
                break
    if use == "dining":
        stand_free(rng, plan, taken, clutter.fill(furniture.dining_set(palette), palette, 0.25), tries=40)
    if rng.random() < 0.55:
        size = rng.uniform(1.2, 2.4), rng.uniform(0.9, 1.7)
        pattern = palette.fabric(0.25, 0.9, 0.7)
        if rng.random() < 0.5:
            pixels = textures.wallpaper(rng, palette.color(0.3, 0.8), palette.color(0.3, 0.9))
            pattern = matte(Texture(pixels, (rng.uniform(0.6, 1.2),) * 2))
        for _ in range(10):
            lying = (
                furniture.rug(palette, *size, pattern)
                .turned(rng.choice([0, np.pi / 2]))
                .moved(*somewhere(rng, plan), 0)
            )
            if fits(plan, lying):
                rugs.append(lying)
                break
    if rng.random() < 0.5 or not lighting.by_day:
        stand_free(rng, plan, taken, furniture.floor_lamp(palette, *lamp), near_wall=0.4)
    for make, chance in (
        (clutter.plant, 0.5),
        (clutter.plant, 0.25),
        (furniture.stool, 0.3),
        (furniture.dining_chair, 0.3),
        (clutter.person, 0.1),
    ):
        if rng.random() < chance:
            stand_free(
                rng,
                plan,
                taken,
                make(palette).turned(rng.uniform(0, 6.28)),
                near_wall=0.5 if make is clutter.plant else 2.0,
            )
    lit = any(part.material.glow is not None for thing in taken.things for part in thing.parts)
    windows = lighting.by_day and any(hole.kind == "window" for wall in plan.walls for hole in wall.openings)
    if rng.random() < (0.3 if lighting.by_day else 0.6) or not (lit or windows):
        hang_light(rng, palette, plan, taken, lighting)
    return tuple(rugs)


def hang_light(rng: np.random.Generator, palette: Palette, plan: Plan, taken: Occupancy, lighting: Lighting) -> None:
    """A light under the ceiling: in the middle of the room if it can be, else where it can."""
    middle = plan.rectangles().mean((0, 1))
    for place in (middle, *(np.array(somewhere(rng, plan)) for _ in range(60))):
        height = float(plan.ceiling_at(place)) - (0.12 if plan.kind == "sloped" else 0)
        hung = fittings.ceiling_light(palette, height, lighting.ceiling_material(rng)).moved(*place, 0)
        if fits(plan, hung) and hung.bounds[0, 2] > 1.75 and taken.place(hung):
            return


def set_before(
    rng: np.random.Generator, palette: Palette, plan: Plan, taken: Occupancy, wall: Wall, along: float, density: float
) -> None:
    """A coffee table in front of a sofa."""
    table = clutter.fill(furniture.coffee_table(palette), palette, 0.4 * density)
    placed = table.moved(rng.uniform(-0.2, 0.2), rng.uniform(1.45, 1.75), 0)
    placed = on_wall(placed, wall, along)
    if fits(plan, placed):
        taken.place(placed)


def stand_at(rng: np.random.Generator, plan: Plan, taken: Occupancy, thing: Thing, wall: Wall) -> float | None:
    """Place a thing with its back to a wall; metres along the wall where it stands, or None."""
    low, high = thing.bounds
    slack = wall.length - (high[0] - low[0]) - 0.06
    if slack <= 0:
        return None
    along = float(0.03 - low[0] + slack * rng.beta(0.8, 0.8))
    placed = on_wall(thing, wall, along)
    return along if fits(plan, placed) and taken.place(placed) else None


def stand_free(
    rng: np.random.Generator, plan: Plan, taken: Occupancy, thing: Thing, near_wall: float = np.inf, tries: int = 25
) -> bool:
    """Place a thing somewhere on the floor, its centre at most `near_wall` metres from a wall."""
    for _ in range(tries):
        place = np.array(somewhere(rng, plan))
        if min(_distance(wall, place) for wall in plan.walls) > near_wall:
            continue
        placed = thing.moved(*place, 0)
        if fits(plan, placed) and taken.place(placed):
            return True
    return False


def hang_up(rng: np.random.Generator, palette: Palette, plan: Plan, taken: Occupancy) -> None:
    """Add pictures, shelves, a television, sockets and a switch on free parts of the walls."""
    for wall in plan.walls:
        for _ in range(int(rng.integers(0, 3))):
            gangs = int(rng.integers(1, 4))
            along, up = rng.uniform(0.2, max(0.21, wall.length - 0.4)), float(rng.choice([0.28, 0.3, 1.05]))
            hang(plan, taken, fittings.socket(palette, 0.0, 0.0, gangs if up < 1 else 1), wall, along, up)
        if wall.length < 1.1 or rng.random() < 0.25:
            continue
        kind = rng.choice(["pictures", "row", "shelf", "television"], p=[0.55, 0.2, 0.17, 0.08])
        if kind in ("pictures", "row"):
            size, level = rng.uniform(0.25, 0.8, 2), rng.uniform(1.2, 1.6)
            start, count = rng.uniform(0.4, wall.length - 0.4), int(rng.integers(1, 4))
            for index in range(count):
                if kind == "pictures":
                    size, start, level = (
                        rng.uniform(0.22, 0.95, 2),
                        rng.uniform(0.3, wall.length - 0.3),
                        rng.uniform(1.1, 1.6),
                    )
                offset = index * (size[0] + 0.08) if kind == "row" else 0.0
                hang(plan, taken, fittings.picture(palette, *size), wall, start + offset, level)
        elif kind == "shelf":
            filled = clutter.fill(fittings.wall_shelf(palette), palette, 0.6)
            hang(plan, taken, filled, wall, rng.uniform(0.5, wall.length - 0.5), rng.uniform(1.25, 1.6))
        else:
            hang(
                plan,
                taken,
                fittings.television(palette),
                wall,
                rng.uniform(0.7, max(0.71, wall.length - 0.7)),
                rng.uniform(0.9, 1.2),
            )


def hang(plan: Plan, taken: Occupancy, thing: Thing, wall: Wall, along: float, up: float) -> None:
    low, high = thing.bounds
    clear_of_holes = all(
        along + high[0] < hole.left - 0.1
        or along + low[0] > hole.right + 0.1
        or up + low[2] > hole.top + 0.1
        or up + high[2] < hole.bottom - 0.1
        for hole in wall.openings
    )
    within = along + low[0] > 0.02 and along + high[0] < wall.length - 0.02
    placed = on_wall(thing, wall, along, up)
    if within and clear_of_holes and fits(plan, placed):
        taken.place(placed)


def box_at(wall: Wall, x0: float, x1: float, y0: float, y1: float, z0: float, z1: float) -> np.ndarray:
    """(2, 3) box in the room of a stretch in front of a wall."""
    ends = np.stack([wall.point(x, z, y) for x, y, z in ((x0, y0, z0), (x1, y1, z1))])
    return np.stack([ends.min(0), ends.max(0)])


def somewhere(rng: np.random.Generator, plan: Plan) -> tuple[float, float]:
    while True:
        place = rng.uniform(plan.corners.min(0), plan.corners.max(0))
        if plan.contains(place[None])[0]:
            return float(place[0]), float(place[1])


def _distance(wall: Wall, place: np.ndarray) -> float:
    return abs(float((place - wall.start) @ wall.inward[:2]))
