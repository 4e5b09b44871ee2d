"""Classes of the pixels of a rendered room: wall, ceiling, floor and what stands before them."""

from __future__ import annotations

from enum import IntEnum


class Label(IntEnum):
    """Class of one pixel; the numbers are those stored in class maps.

    `WALL` is every plastered, painted or papered upright surface of the room itself: walls, columns, chimney breasts,
    niches, plastered beams, and brick or boards that cover a wall. `OTHER` holds tiles, other rooms behind a doorway,
    clothes, appliances, heaps and pipes; `DECORATION` also lamps, plants, radiators, sockets.
    """

    OTHER = 0
    WALL = 1
    CEILING = 2
    FLOOR = 3
    TRIM = 4  # skirting, coving, casings, rails, timber beams
    DOOR = 5
    WINDOW = 6  # frame, pane and sill
    CURTAIN = 7  # and blinds
    FURNITURE = 8
    PERSON = 9
    DECORATION = 10


LABEL_COLORS = (
    (60, 60, 60),
    (70, 120, 255),
    (240, 240, 240),
    (150, 100, 60),
    (255, 220, 0),
    (160, 0, 200),
    (120, 230, 255),
    (255, 130, 200),
    (0, 140, 60),
    (255, 40, 40),
    (255, 150, 0),
)  #: sRGB of each class on contact sheets

_BY_THING = {
    "skirting": Label.TRIM,
    "cornice": Label.TRIM,
    "door frame": Label.TRIM,
    "door": Label.DOOR,
    "window": Label.WINDOW,
    "curtains": Label.CURTAIN,
    "blind": Label.CURTAIN,
    "person": Label.PERSON,
    "picture": Label.DECORATION,
    "plant": Label.DECORATION,
    "socket": Label.DECORATION,
    "radiator": Label.DECORATION,
    "ceiling light": Label.DECORATION,
    "floor lamp": Label.DECORATION,
    "rug": Label.FLOOR,
    "appliance": Label.OTHER,
    "clothes": Label.OTHER,
    "heap": Label.OTHER,
    "pipes": Label.OTHER,
}


def thing_label(name: str) -> Label:
    """Class of a thing by its name; furniture where the name says nothing else."""
    return _BY_THING.get(name, Label.FURNITURE)
