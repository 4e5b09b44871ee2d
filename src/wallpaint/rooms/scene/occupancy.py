"""Objects made of parts, and bounding boxes that keep objects from overlapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from wallpaint.rooms.scene.geometry import Mesh
from wallpaint.rooms.scene.materials import Material
from wallpaint.rooms.snapshots.labels import Label


@dataclass(frozen=True, eq=False)
class Part:
    """One mesh in one material.

    Attributes
    ----------
    label : Label or None
        Class of its pixels; None is that of the thing it belongs to.
    surface : int
        Number of the plane it is part of, an index into ``FurnishedRoom.surfaces``; 0 is none.
    """

    mesh: Mesh
    material: Material
    label: Label | None = None
    surface: int = 0

    def moved(self, *offset: float) -> Part:
        return replace(self, mesh=self.mesh.moved(*offset))

    def turned(self, angle: float, axis: str = "z") -> Part:
        return replace(self, mesh=self.mesh.turned(angle, axis))


@dataclass(frozen=True, eq=False)
class Thing:
    """A named object made of parts.

    Its own coordinates: x along its wall, y away from the wall (0 at the wall), z up from the floor.

    Attributes
    ----------
    parts : tuple of Part
    shelves : tuple of (x0, x1, y0, y1, z, headroom)
        Rectangles on which smaller things may stand, in metres.
    """

    name: str
    parts: tuple[Part, ...]
    shelves: tuple[tuple[float, float, float, float, float, float], ...] = ()

    def moved(self, *offset: float) -> Thing:
        shifted = tuple(
            (x0 + offset[0], x1 + offset[0], y0 + offset[1], y1 + offset[1], z + offset[2], room)
            for x0, x1, y0, y1, z, room in self.shelves
        )
        return Thing(self.name, tuple(part.moved(*offset) for part in self.parts), shifted)

    def turned(self, angle: float) -> Thing:
        """Rotated about z, without shelves: fill them before."""
        return Thing(self.name, tuple(part.turned(angle) for part in self.parts))

    def carrying(self, others: Iterable[Thing]) -> Thing:
        """This thing and the things on it, as one."""
        return Thing(self.name, (*self.parts, *(part for other in others for part in other.parts)))

    @cached_property
    def boxes(self) -> np.ndarray:
        """(N, 2, 3) lower and upper corners of the parts."""
        return np.stack([part.mesh.bounds for part in self.parts])

    @cached_property
    def bounds(self) -> np.ndarray:
        """(2, 3) lower and upper corner of the whole."""
        boxes = self.boxes
        return np.stack([boxes[:, 0].min(0), boxes[:, 1].max(0)])


def overlaps(boxes: np.ndarray, others: np.ndarray, slack: float = 1e-6) -> np.ndarray:
    """(N, M) bool: which boxes (N, 2, 3) overlap others (M, 2, 3) by more than `slack` metres in every direction."""
    lower = np.maximum(boxes[:, None, 0], others[None, :, 0])
    upper = np.minimum(boxes[:, None, 1], others[None, :, 1])
    return ((upper - lower) > slack).all(-1)


@dataclass
class Occupancy:
    """Things placed in a room, and zones to keep clear in front of doors and windows."""

    things: list[Thing] = field(default_factory=list)
    _boxes: list[np.ndarray] = field(default_factory=list)
    _clear: list[np.ndarray] = field(default_factory=list)

    def keep_clear(self, box: np.ndarray) -> None:
        """Add a box (2, 3) in which nothing may be placed."""
        self._clear.append(box[None])

    def is_free(self, thing: Thing) -> bool:
        taken = [*self._boxes, *self._clear]
        return not taken or not overlaps(thing.boxes, np.concatenate(taken)).any()

    def place(self, thing: Thing) -> bool:
        """Add a thing if its place is free; returns whether it was added."""
        if not self.is_free(thing):
            return False
        self.add(thing)
        return True

    def add(self, thing: Thing) -> None:
        """Add a thing without a check, for parts of the building that touch each other by design."""
        self.things.append(thing)
        self._boxes.append(thing.boxes)

    @property
    def boxes(self) -> np.ndarray:
        """(N, 2, 3) of every part of every thing."""
        return np.concatenate(self._boxes) if self._boxes else np.zeros((0, 2, 3))
