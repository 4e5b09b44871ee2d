"""Physically rendered rooms with ground truth for every wall colour.

`starter_rooms()` come with the package; rendering more needs the ``[rooms]`` extra (Mitsuba 3, Open Image Denoise).
Read `paintable` (what a room is), `camera` (what a photo of it suffers), then `scene` (what stands in it), `stage` and
`tracer` (how light becomes a polynomial in the paint), `render`, `generate`. `snapshots` are small
labelled pictures for networks that find walls.
"""

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
