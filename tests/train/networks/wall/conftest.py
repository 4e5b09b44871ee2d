import numpy as np
import pytest

from wallpaint.rooms import Label, Snapshot
from wallpaint.rooms.snapshots.surface import Surface


def draw_snapshot(seed):
    """66 × 88: two walls of two paints that meet in the middle, a floor, a piece of furniture before them."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:66, :88]
    floor = rows >= 50
    left, top = int(random.integers(10, 50)), int(random.integers(25, 35))
    thing = (rows >= top) & (rows < 55) & (columns >= left) & (columns < left + 20)
    alpha = (~floor & ~thing).astype(np.float32)
    classes = np.select([thing, floor], [Label.FURNITURE, Label.FLOOR], Label.WALL).astype(np.uint8)
    planes = np.select([floor, columns < 44], [3, 1], 2).astype(np.uint8)
    paints = random.uniform(0.2, 0.8, (2, 3))
    surfaces = (
        Surface("none"),
        *(Surface("wall", "paint", number + 1, tuple(map(float, paint))) for number, paint in enumerate(paints)),
        Surface("floor"),
    )
    color = np.array([surface.color for surface in surfaces], np.float32)[planes]
    light = np.linspace(0.6, 1.2, 88, dtype=np.float32)[None, :, None]
    rest = np.where(floor[..., None], 0.15, np.array([0.3, 0.1, 0.05])) * (1 - alpha[..., None])
    return Snapshot(rest.astype(np.float32), alpha[..., None] * color * light, alpha, classes, planes, surfaces, seed)


@pytest.fixture(scope="session")
def snapshots():
    return [draw_snapshot(seed) for seed in range(4)]
