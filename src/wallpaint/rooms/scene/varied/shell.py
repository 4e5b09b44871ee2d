"""Walls, ceiling, floor, columns and beams of a varied room, each plane with a number and in its finish."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.arrange import on_wall
from wallpaint.rooms.scene.geometry import box, flat
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte, paint
from wallpaint.rooms.scene.occupancy import Part, Thing
from wallpaint.rooms.scene.plan import WALL_THICKNESS, Opening, Plan, Wall, next_room_mesh
from wallpaint.rooms.scene.varied import finishes
from wallpaint.rooms.scene.varied.build import Build, fits_plan
from wallpaint.rooms.scene.varied.finishes import Finish
from wallpaint.rooms.scene.varied.light import lamp_glow
from wallpaint.rooms.scene.varied.plan import NICHE, band_mesh, niche_back
from wallpaint.rooms.scene.varied.things import fixtures
from wallpaint.rooms.snapshots.labels import Label


def choose_finishes(build: Build) -> list[list[tuple[float, float, int]]]:
    """For each wall its bands from the floor up: (low, high, number of a coat, from 1). Fills `coats`.

    The first coat is what a paintable room leaves open, whatever its pattern.
    """
    rng, count, top = build.rng, len(build.plan.walls), 20.0
    scheme = rng.choice(["white", "one", "accent", "each", "pattern"], p=[0.4, 0.22, 0.23, 0.05, 0.1])
    pale = finishes.white(rng)

    def plain() -> Finish:
        return finishes.painted(rng, finishes.tinted(rng))

    first = finishes.painted(rng, pale)
    if scheme == "one":
        first = plain()
    elif scheme == "pattern":
        first = finishes.patterned(rng)
    coats = [first]
    numbers = [1] * count
    if scheme == "accent":
        coats.append(plain() if rng.random() < 0.55 else finishes.patterned(rng))
        for index in rng.permutation(count)[: int(rng.integers(1, 3))]:
            numbers[index] = 2
    elif scheme == "each":
        coats += [plain() for _ in range(2)]
        numbers = [int(rng.integers(1, 4)) for _ in range(count)]
        numbers[0] = 1
    bands = [[(0.0, top, number)] for number in numbers]
    if rng.random() < 0.12:
        lower = finishes.painted(rng, finishes.tinted(rng)) if rng.random() < 0.6 else finishes.patterned(rng)
        coats.append(lower)
        height = rng.uniform(0.8, 1.4)
        bands = [[(0.0, height, len(coats)), (height, top, number)] for number in numbers]
    for coat in coats:
        build.coats.append((coat, _coat_material(rng, coat, is_open=coat is first)))
    return bands


def _coat_material(rng: np.random.Generator, coat: Finish, is_open: bool) -> Material:
    if is_open:
        return paint(coat.relief)
    texture = Texture(np.clip(coat.relief.pixels * coat.color, 0.01, 0.9).astype(np.float32), coat.relief.size)
    return glossy(texture, 0.3) if rng.random() < 0.15 else matte(texture)


def build_walls(build: Build, bands: list[list[tuple[float, float, int]]]) -> tuple[int, ...]:
    rng, plan, shell = build.rng, build.plan, build.shell
    wet = rng.random() < 0.06
    tile = glossy(finishes.tiled(rng), 0.12)
    wet_height, wet_walls = rng.uniform(1.0, 2.3), set(rng.permutation(len(plan.walls))[: int(rng.integers(1, 4))])
    for index, wall in enumerate(plan.walls):
        layers = bands[index]
        if wet and index in wet_walls:
            mesh = band_mesh(plan, wall, 0.0, wet_height)
            if mesh is not None:
                shell.append(Part(mesh, tile, Label.OTHER, build.surface("tiles", "tiles")))
            layers = [(max(low, wet_height), high, number) for low, high, number in layers if high > wet_height]
        for low, high, number in layers:
            mesh = band_mesh(plan, wall, low, high)
            if mesh is not None:
                shell.append(Part(mesh, build.coats[number - 1][1], Label.WALL, build.wall_surface("wall", number)))
        for opening in wall.openings:
            _hole(build, wall, opening, bands[index][-1][2])
    return tuple(i for i, layers in enumerate(bands) if any(number == 1 for *_, number in layers))


def _hole(build: Build, wall: Wall, opening: Opening, number: int) -> None:
    rng, plan, shell, coat = build.rng, build.plan, build.shell, build.coats[number - 1][1]
    sides = plan.reveal_mesh(wall, opening)
    if opening.kind == NICHE:
        inside = build.coats[number - 1][1] if rng.random() < 0.7 else matte(finishes.tinted(rng))
        label = Label.WALL if inside is coat else Label.OTHER
        shell.append(Part(sides, inside, label, build.wall_surface("niche", number) if label else 0))
        back = niche_back(wall, opening, WALL_THICKNESS)
        shell.append(Part(back, inside, label, build.wall_surface("niche", number) if label else 0))
    elif opening.kind == "window":
        plastered = rng.random() < 0.6
        surface = build.wall_surface("reveal", number) if plastered else 0
        material, label = (coat, Label.WALL) if plastered else (build.palette.trim, Label.WINDOW)
        shell.append(Part(sides, material, label, surface))
    else:
        plastered = opening.kind == "doorway" and rng.random() < 0.6
        surface = build.wall_surface("reveal", number) if plastered else 0
        material, label = (coat, Label.WALL) if plastered else (build.palette.trim, Label.TRIM)
        shell.append(Part(sides, material, label, surface))
        if opening.kind == "doorway" or rng.random() < 0.35:
            _next_room(build, wall, opening)


def _next_room(build: Build, wall: Wall, opening: Opening) -> None:
    """What is seen through an open door: a box of a room, lit or dark; as deep as this room's own shape allows."""
    rng = build.rng
    width, depth = max(2.6, opening.right - opening.left + 0.6), rng.uniform(1.5, 4.0)
    while depth > 0.3 and _overlaps_plan(build.plan, wall, opening.centre, width, depth):
        width, depth = opening.right - opening.left + 0.1, 0.5 * depth
    walls, ground, ceiling = next_room_mesh(wall, opening, build.plan.height, width, depth)
    color = finishes.white(rng) if rng.random() < 0.6 else finishes.tinted(rng)
    surface = build.surface("next room", "paint", 0, color)
    build.shell += [
        Part(walls, matte(color), Label.OTHER, surface),
        Part(ground, build.palette.floor(), Label.FLOOR),
        Part(ceiling, matte((0.75, 0.75, 0.74)), Label.OTHER),
    ]
    if rng.random() < 0.75:
        corners = ((0.3, -0.3), (-0.3, -0.3), (-0.3, 0.3), (0.3, 0.3))
        at = [
            wall.point(opening.centre + x, build.plan.height - 0.02, -WALL_THICKNESS - depth / 2 + y)
            for x, y in corners
        ]
        glow = lamp_glow(rng, build.regime, build.lighting, rng.uniform(1, 12))
        build.shell.append(Part(flat(np.array([at])), glow, Label.OTHER))
    for _ in range(int(rng.integers(0, 4)) if depth > 1.2 and width > 2 else 0):
        size = rng.uniform(0.2, 0.6, 3) * (1, 1, 2)
        heap = box(*size).turned(rng.uniform(0, 3))
        spot = wall.point(opening.centre + rng.uniform(-0.8, 0.8), 0, -WALL_THICKNESS - rng.uniform(0.6, depth - 0.4))
        build.shell.append(Part(heap.moved(*spot), build.palette.fabric(0.1, 0.95), Label.OTHER))


def _overlaps_plan(plan: Plan, wall: Wall, centre: float, width: float, depth: float) -> bool:
    across, back = np.linspace(-width / 2, width / 2, 9), np.linspace(0.02, depth, 9)
    spots = [wall.point(centre + x, 0, -WALL_THICKNESS - y)[:2] for x in across for y in back]
    return bool(plan.contains(np.array(spots)).any())


def build_ceiling_and_floor(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
    rng, plan = build.rng, build.plan
    pick, kind = rng.random(), "sloped ceiling" if plan.kind == "sloped" else "ceiling"
    coat = build.coats[bands[0][-1][2] - 1][0]
    if pick < 0.62:
        color = finishes.white(rng)
        material, finish = matte(color), "paint"
    elif pick < 0.85:
        color, finish = coat.color, coat.name
        material = matte(color)
    elif pick < 0.92:
        boards = textures.planks(rng, finishes.white(rng) if rng.random() < 0.4 else build.palette.wood_color, 6, 1.2)
        material, color, finish = matte(boards), boards.pixels.mean((0, 1)), "boards"
    else:
        color = finishes.white(rng)
        grid = textures.tiles(rng, color, 2, 1.0, joint=0.02)
        material, finish = matte(Texture(grid, (1.2, 1.2))), "tiles"
    build.shell.append(Part(plan.ceiling_mesh(), material, Label.CEILING, build.surface(kind, finish, 0, color)))
    build.shell.append(Part(plan.floor_mesh(), build.palette.floor(), Label.FLOOR, build.surface("floor")))


def build_columns_and_beams(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
    rng, plan, taken = build.rng, build.plan, build.taken
    if plan.kind != "sloped" and rng.random() < 0.22:
        for _ in range(int(rng.integers(1, 3))):
            index = int(rng.integers(len(plan.walls)))
            wall = plan.walls[index]
            wide, deep = rng.uniform(0.2, 0.6), rng.uniform(0.08, 0.45)
            if wall.length < wide + 0.1:
                continue
            along = rng.uniform(wide / 2, wall.length - wide / 2) if rng.random() < 0.7 else wide / 2 + 0.001
            if any(along + wide / 2 > h.left - 0.1 and along - wide / 2 < h.right + 0.1 for h in wall.openings):
                continue
            number = bands[index][-1][2]
            coat = build.coats[number - 1][1]
            parts = [
                Part(mesh, coat, Label.WALL, build.wall_surface("column", number))
                for mesh in fixtures.column(wide, deep, plan.height)
            ]
            standing = on_wall(Thing("column", tuple(parts)), wall, float(along))
            if standing.boxes[:, :, :2].min() > -0.01 and fits_plan(plan, standing):
                taken.add(standing)
    if plan.kind in ("sloped", "l-shape") or rng.random() > 0.2:
        return
    low, high = plan.corners.min(0), plan.corners.max(0)
    number, timber = bands[0][-1][2], rng.random() < 0.45
    deep, wide = rng.uniform(0.1, 0.4), rng.uniform(0.12, 0.4)
    axis = int(rng.integers(2))
    places = (
        [rng.uniform(0.1, 0.9)]
        if not timber or rng.random() < 0.3
        else list(np.arange(0.15, 0.95, rng.uniform(0.15, 0.3)))
    )
    for place in places:
        centre = low + (high - low) * np.where(np.arange(2) == axis, 0.5, place)
        size = np.where(np.arange(2) == axis, (high - low) - 0.004, wide)
        mesh = box(size[0], size[1], deep).moved(centre[0], centre[1], plan.height - deep - 0.001)
        if timber:
            material = build.palette.wood if rng.random() < 0.6 else build.palette.trim
            part = Part(mesh, material, Label.TRIM)
        else:
            part = Part(mesh, build.coats[number - 1][1], Label.WALL, build.wall_surface("beam", number))
        if all(hole.top < plan.height - deep for wall in plan.walls for hole in wall.openings):
            taken.add(Thing("beam", (part,)))
