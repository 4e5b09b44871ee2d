"""A varied room while it is put together: its shell, its numbered planes, what stands in it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallpaint.rooms.scene.lighting import Lighting
from wallpaint.rooms.scene.materials import Material
from wallpaint.rooms.scene.occupancy import Occupancy, Part, Thing
from wallpaint.rooms.scene.palette import Palette
from wallpaint.rooms.scene.plan import Plan
from wallpaint.rooms.scene.varied.finishes import Finish
from wallpaint.rooms.snapshots.surface import Surface


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


def fits_plan(plan: Plan, thing: Thing) -> bool:
    """Whether a thing's footprint lies within the outline."""
    low, high = thing.bounds[:, :2] + np.array([[0.005], [-0.005]])
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    return bool(plan.contains(corners).all())
