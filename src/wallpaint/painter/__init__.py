"""Painting of a photo's wall: open the photo once, then paint it in any number of colours.

Read `engine` (the protocol both engines implement), `repainter` (opens photos), `room` (paints) and `painted_room`
(the result), and `finders` (finders of walls by name).

>>> from wallpaint import Repainter
>>> from wallpaint.example import example_room
>>> room = Repainter().open(*example_room())
>>> painted = room.paint("#B9A08C")
>>> bool(painted.metrics["delta_e_2000_median"] <= 0.5)
True
"""

from wallpaint.painter.engine import Engine, EnginePicture, EngineRoom
from wallpaint.painter.finders import load_finder
from wallpaint.painter.painted_room import Repaint
from wallpaint.painter.repainter import Repainter
from wallpaint.painter.room import Room

__all__ = ["Engine", "EnginePicture", "EngineRoom", "Repaint", "Repainter", "Room", "load_finder"]
