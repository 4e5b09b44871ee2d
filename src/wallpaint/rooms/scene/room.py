"""Furnished room from a seed: shell, openings, furniture, light, camera, and the walls to paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wallpaint.rooms.scene import fittings, textures
from wallpaint.rooms.scene.arrange import USES, build_in, furnish_floor, hang_up, on_wall
from wallpaint.rooms.scene.geometry import Mesh, flat
from wallpaint.rooms.scene.lighting import Lighting, Sun, draw_lighting
from wallpaint.rooms.scene.materials import Material, Texture, glossy, glowing, matte, paint
from wallpaint.rooms.scene.occupancy import Occupancy, Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import WALL_THICKNESS, Opening, Plan, Wall, draw_plan, next_room_mesh, open_walls
from wallpaint.rooms.scene.viewpoint import Viewpoint, VisibleShares, draw_viewpoint

if TYPE_CHECKING:
    from wallpaint.rooms.scene.varied.camera_pose import Lens
    from wallpaint.rooms.snapshots.surface import Surface

SOURCES = ("wallpaper", "wallpaper", "wallpaper", "tiles", "wood panels", "eggshell")


@dataclass(frozen=True, eq=False)
class FurnishedRoom:
    """Everything that a renderer needs.

    Attributes
    ----------
    seed : int
    plan : Plan
    shell : tuple of Part
        Floor, ceiling, walls, reveals, the next room and the panes.
    things : tuple of Thing
        All other objects; their bounding boxes do not overlap.
    rugs : tuple of Thing
        Rugs, which lie under things.
    sun : Sun or None
    panes : tuple of Part
        Light-emitting panes behind the windows; sunlight passes through them.
    viewpoint : Viewpoint
    view : VisibleShares
        Shares of the picture by which the viewpoint was chosen.
    painted : tuple of int
        Indices in ``plan.walls`` of the walls to paint.
    source : Material
        Material of the same walls in the room's twin: wallpaper, tiles, panels or eggshell paint.
    meta : dict
        Description of the room, as text and numbers.
    surfaces : tuple of Surface
        Planes that parts refer to by number; empty in furnished rooms.
    paint_color : (3,) float or None
        Linear reflectance of the open paint in snapshots.
    lens : Lens or None
        Shape of the picture and faults of the lens, in snapshots.
    flash : bool
        Whether snapshots are taken with a flash.
    """

    seed: int
    plan: Plan
    shell: tuple[Part, ...]
    things: tuple[Thing, ...]
    rugs: tuple[Thing, ...]
    sun: Sun | None
    panes: tuple[Part, ...]
    viewpoint: Viewpoint
    view: VisibleShares
    painted: tuple[int, ...]
    source: Material
    meta: dict[str, object]
    surfaces: tuple[Surface, ...] = ()
    paint_color: np.ndarray | None = None
    lens: Lens | None = None
    flash: bool = False

    @property
    def parts(self) -> list[Part]:
        """Everything but the panes."""
        return [*self.shell, *(part for thing in (*self.things, *self.rugs) for part in thing.parts)]


def furnish_room(seed: int) -> FurnishedRoom:
    """The furnished room of a seed, the same on every machine with the same numpy."""
    rng = np.random.default_rng(seed)
    palette, lighting = Palette(rng), draw_lighting(rng)
    plan = open_walls(rng, draw_plan(rng))
    taken = Occupancy()
    build_in(rng, palette, plan, taken)
    use = str(rng.choice(list(USES), p=[0.36, 0.24, 0.18, 0.14, 0.08]))
    lamp = lighting.lamp_materials(rng)
    rugs = furnish_floor(rng, palette, plan, taken, use, lamp, lighting)
    hang_up(rng, palette, plan, taken)
    viewpoint, view = draw_viewpoint(rng, plan, taken.boxes)
    painted = _choose_painted(rng, plan, view)
    windows = [(wall, opening) for wall in plan.walls for opening in wall.openings if opening.kind == "window"]
    panes = tuple(_pane(wall, opening, lighting, rng) for wall, opening in windows)
    sun = None
    if lighting.by_day and windows and rng.random() < 0.5:
        wall = windows[rng.integers(len(windows))][0]
        sun = lighting.sunlight(rng, wall.inward, wall.along)
    kind, source = _draw_source(rng, palette)
    meta = {
        "plan": plan.kind,
        "use": use,
        "painted_walls": len(painted),
        "by_day": lighting.by_day,
        "sun": sun is not None,
        "white_balance": round(lighting.white_balance),
        "lamp": round(lighting.lamp),
        "sky": round(lighting.sky),
        "field_of_view": round(viewpoint.field_of_view, 1),
        "source": kind,
    }
    shell = _shell(rng, palette, plan, painted, lighting)
    return FurnishedRoom(
        seed, plan, shell, tuple(taken.things), rugs, sun, panes, viewpoint, view, painted, source, meta
    )


def _choose_painted(rng: np.random.Generator, plan: Plan, view: VisibleShares) -> tuple[int, ...]:
    """One to four walls to paint, the most visible one first; short sides of an alcove join their neighbours."""
    order = np.argsort(-view.walls)
    count = int(rng.choice([1, 2, 3, 4], p=[0.3, 0.32, 0.23, 0.15]))
    chosen = {int(index) for index in order[:count]}
    for index in tuple(chosen):
        for neighbour in ((index - 1) % len(plan.walls), (index + 1) % len(plan.walls)):
            if plan.walls[neighbour].length < 0.9:
                chosen.add(neighbour)
    for index in order[count:]:
        if sum(view.walls[list(chosen)]) >= 0.12:
            break
        chosen.add(int(index))
    for index in order[::-1]:
        if sum(view.walls[list(chosen)]) > 0.72 and len(chosen) > 1 and index != order[0]:
            chosen.discard(int(index))
    return tuple(sorted(chosen))


def _draw_source(rng: np.random.Generator, palette: Palette) -> tuple[str, Material]:
    kind = str(rng.choice(SOURCES))
    if kind == "wallpaper":
        side = rng.uniform(0.5, 1.1)
        return kind, matte(
            Texture(textures.wallpaper(rng, palette.color(0.5, 0.97, 0.4), palette.color(0.3, 0.95, 0.6)), (side, side))
        )
    if kind == "tiles":
        aspect = float(rng.choice([1.0, 2.0, 3.0]))
        return kind, glossy(Texture(textures.tiles(rng, palette.color(0.4, 0.95), 2, aspect), (0.6, 0.6)), 0.1)
    if kind == "wood panels":
        boards = textures.planks(rng, palette.wood_color, 6, 1.1)
        upright = Texture(np.ascontiguousarray(boards.pixels.transpose(1, 0, 2)), boards.size)
        return kind, glossy(upright, 0.3)
    return kind, glossy(palette.color(0.35, 0.95, 0.6), 0.35)


def _shell(
    rng: np.random.Generator, palette: Palette, plan: Plan, painted: tuple[int, ...], lighting: Lighting
) -> tuple[Part, ...]:
    coat = paint(textures.plaster(rng, rng.uniform(0.004, 0.035)) if rng.random() < 0.7 else None)
    neutral, floor, ceiling = (
        palette.wall_neutral(),
        palette.floor(),
        matte(rng.uniform(0.7, 0.85) * np.array([1, 1, 0.98])),
    )
    parts = [Part(plan.floor_mesh(), floor), Part(plan.ceiling_mesh(), ceiling)]
    for index, wall in enumerate(plan.walls):
        parts.append(Part(plan.wall_mesh(wall), coat if index in painted else neutral))
        for opening in wall.openings:
            reveal = palette.trim if opening.kind != "window" or rng.random() < 0.7 else neutral
            parts.append(Part(plan.reveal_mesh(wall, opening), reveal))
            if opening.kind == "doorway":
                parts += _next_room(rng, palette, plan, wall, opening, floor, lighting)
    return tuple(parts)


def _next_room(
    rng: np.random.Generator,
    palette: Palette,
    plan: Plan,
    wall: Wall,
    opening: Opening,
    floor: Material,
    lighting: Lighting,
) -> list[Part]:
    width, depth = rng.uniform(2.6, 4.0), rng.uniform(2.2, 3.6)
    walls, ground, ceiling = next_room_mesh(wall, opening, plan.height, width, depth)
    color = matte(palette.color(0.5, 0.92, 0.5))
    lit = lighting.color(lighting.lamp if not lighting.by_day or rng.random() < 0.4 else lighting.sky)
    panel = flat(
        np.array(
            [[wall.point(opening.centre + x, plan.height - 0.02, -WALL_THICKNESS - depth / 2 + y) for x, y in _PANEL]]
        )
    )
    parts = [Part(walls, color), Part(ground, floor), Part(ceiling, matte((0.78, 0.78, 0.77)))]
    parts.append(Part(panel, glowing(lit * rng.uniform(4, 12))))
    hung = on_wall(fittings.picture(palette, 0.6, 0.8).turned(0), wall, opening.centre, 1.2)
    return [*parts, *hung.moved(*(-(WALL_THICKNESS + depth) * wall.inward)).parts]


_PANEL = ((0.3, -0.3), (-0.3, -0.3), (-0.3, 0.3), (0.3, 0.3))


def _pane(wall: Wall, opening: Opening, lighting: Lighting, rng: np.random.Generator) -> Part:
    corners, seen = fittings.outlook(opening, lighting.outdoors(rng))
    placed = np.array([wall.point(x, z, y) for x, y, z in corners])
    mesh: Mesh = flat(placed[None], np.array([[[0, 1], [1, 1], [1, 0], [0, 0.0]]]))
    return Part(mesh, glowing(seen))
