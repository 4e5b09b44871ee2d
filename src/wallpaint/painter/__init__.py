"""The public face: look at a photo once, then paint its wall as often as you like.

>>> from wallpaint import Repainter
>>> from wallpaint.example import example_room
>>> room = Repainter().open(*example_room())
>>> painted = room.paint("#B9A08C")
>>> bool(painted.metrics["delta_e_2000_median"] <= 0.5)
True
"""

from wallpaint.painter.painted_room import Repaint
from wallpaint.painter.repainter import Repainter
from wallpaint.painter.room import Room

__all__ = ["Repaint", "Repainter", "Room"]
