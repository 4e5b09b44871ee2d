"""Physically rendered rooms with ground truth for every wall colour.

`starter_rooms()` are part of the package; rendering more needs the ``[rooms]`` extra (Mitsuba 3, Open Image Denoise).
Read `paintable` (a rendered room), `camera` (camera faults), then `scene` (geometry, materials, light), `stage` and
`tracer` (light as a polynomial in the paint), `render`, `generate`.
"""

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
