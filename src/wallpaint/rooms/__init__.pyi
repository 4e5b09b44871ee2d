from .camera import Camera as Camera
from .camera import degrade_mask as degrade_mask
from .paintable import PaintableRoom as PaintableRoom
from .render import render_room as render_room
from .starter import BENCH_SEEDS as BENCH_SEEDS
from .starter import starter_rooms as starter_rooms
