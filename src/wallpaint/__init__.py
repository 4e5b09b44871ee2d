"""Repaint the walls of a room photo in exactly the colour a person asks for.

from wallpaint import Repainter

room = Repainter().open("room.jpg")  # finds the walls; mask="wall.png" uses yours
room.paint("#B9A08C").save("painted.png")

Layers, each of which imports only those before it: `color`, `photo`, `mask`, `reference` and `metrics`, `networks`,
`albedo`, `diffusion`, `painter`, `data`, `evaluate`, `train`, `serve`, `cli`. `rooms` stands on `color` and `photo`.
"""

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
