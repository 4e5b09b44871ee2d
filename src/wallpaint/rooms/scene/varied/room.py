"""A varied room from a seed: what real rooms have, at random, for networks that must find walls in real photos."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallpaint.rooms.labels import Label
from wallpaint.rooms.scene import clutter, fittings, furniture, textures
from wallpaint.rooms.scene.arrange import USES, box_at, fits, hang, on_wall, somewhere, stand_at, stand_free
from wallpaint.rooms.scene.geometry import box, flat
from wallpaint.rooms.scene.lighting import Lighting, Sun
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte, paint
from wallpaint.rooms.scene.occupancy import Occupancy, Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import WALL_THICKNESS, Opening, Plan, Wall, next_room_mesh
from wallpaint.rooms.scene.room import FurnishedRoom
from wallpaint.rooms.scene.varied import decoration, finishes, fixtures, people, textiles
from wallpaint.rooms.scene.varied.camera_pose import draw_lens, draw_viewpoint
from wallpaint.rooms.scene.varied.finishes import Finish
from wallpaint.rooms.scene.varied.light import draw_lighting, lamp_glow
from wallpaint.rooms.scene.varied.plan import NICHE, band_mesh, draw_plan, is_reflex, niche_back, open_walls
from wallpaint.rooms.scene.viewpoint import Viewpoint
from wallpaint.rooms.surface import Surface

_STREAM = 17  # the varied rooms' own random numbers: seed 5 varied has nothing in common with seed 5 furnished


@dataclass
class Build:
    """A room while it is put together."""

    rng: np.random.Generator
    palette: Palette
    plan: Plan
    regime: str
    lighting: Lighting
    taken: Occupancy = field(default_factory=Occupancy)
    shell: list[Part] = field(default_factory=list)
    surfaces: list[Surface] = field(default_factory=lambda: [Surface("none")])
    coats: list[tuple[Finish, Material]] = field(default_factory=list)
    crown: float = 0.0  # height of the coving

    def surface(self, kind: str, finish: str = "", number: int = 0, color: np.ndarray | None = None) -> int:
        """The number of a new plane."""
        red, green, blue = (float(c) for c in (np.zeros(3) if color is None else color))
        self.surfaces.append(Surface(kind, finish, number, (red, green, blue)))
        return len(self.surfaces) - 1

    def wall_surface(self, kind: str, number: int) -> int:
        finish = self.coats[number - 1][0]
        return self.surface(kind, finish.name, number, finish.color)


def furnish_varied(seed: int) -> FurnishedRoom:
    """The varied room of a seed, the same on every machine with the same numpy."""
    rng = np.random.default_rng([seed, _STREAM])
    palette = Palette(rng)
    regime, lighting = draw_lighting(rng)
    palette.trim = _trim(rng, palette)
    build = Build(rng, palette, open_walls(rng, draw_plan(rng)), regime, lighting)
    bands = _choose_finishes(build)
    painted = _walls(build, bands)
    _ceiling_and_floor(build, bands)
    _columns_and_beams(build, bands)
    _built_in(build, bands)
    use = _furniture(build)
    _on_walls(build)
    _lamps(build)
    viewpoint, view = draw_viewpoint(rng, build.plan, build.taken.boxes)
    _foreground(build, viewpoint)
    panes, sun = _daylight(build)
    lens = draw_lens(rng, viewpoint.field_of_view)
    rugs = _rugs(build)
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


def _choose_finishes(build: Build) -> list[list[tuple[float, float, int]]]:
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


def _walls(build: Build, bands: list[list[tuple[float, float, int]]]) -> tuple[int, ...]:
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


def _ceiling_and_floor(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
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


def _columns_and_beams(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
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


def fits_plan(plan: Plan, thing: Thing) -> bool:
    """Whether a thing's footprint lies within the outline."""
    low, high = thing.bounds[:, :2] + np.array([[0.005], [-0.005]])
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    return bool(plan.contains(corners).all())


def _built_in(build: Build, bands: list[list[tuple[float, float, int]]]) -> None:
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
    open_behind = any(self_wall is wall for self_wall in build.plan.walls) and _has_next_room(build, wall, opening)
    ajar = float(rng.uniform(0.4, 1.7)) if open_behind else 0.0
    taken.add(on_wall(fittings.door(palette, opening, ajar), wall))
    palette.trim, palette.wood = trim, wood


def _has_next_room(build: Build, wall: Wall, opening: Opening) -> bool:
    middle = wall.point(opening.centre, 1.0, -WALL_THICKNESS - 0.5)
    rooms = [part.mesh.bounds for part in build.shell if part.label == Label.OTHER and part.surface]
    return any((low <= middle).all() and (middle <= high).all() for low, high in rooms)


def _furniture(build: Build) -> str:
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
        mesh = box(*size) if rng.random() < 0.5 else _bag(rng, size)
        parts.append(Part(mesh.turned(rng.uniform(0, 3)).moved(*rng.normal(0, 0.25, 2), 0), textiles.cloth(palette)))
    return Thing("heap", tuple(parts))


def _bag(rng: np.random.Generator, size: np.ndarray):  # type: ignore[no-untyped-def]
    from wallpaint.rooms.scene.geometry import soft_box

    return soft_box(*size, 0.05, rng.uniform(0.3, 1.0))


def _on_walls(build: Build) -> None:
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
            thing = decoration.picture(palette, *own, frame if rng.random() < 0.9 else None)
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


def _lamps(build: Build) -> None:
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


def _rugs(build: Build) -> tuple[Thing, ...]:
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


def _foreground(build: Build, viewpoint: Viewpoint) -> None:
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
