"""Training data: pictures of walls whose reference is the colour of their own wall.

A sample's reference is always a swatch made from a colour, never the photo the wall is in: a model that is shown its
own answer learns to copy it. Read `paints` (what colours walls get), `view` (crops and flips), `depth`, `reference`
and `sample` (tensors). Rooms: `shelf`, `from_rooms` (a room painted twice), then `painted_rooms` (while training) or
`export` (to files). Photos: `pictures` and `layout` (files), `flat`, `import_photos` with `pairs` and `ade20k`, then
`from_photos` (a photo cut and repainted) and `wall_inpainting` (while training); `shards` for large sets,
read by `sharded` from end to end or, by `shard_index`, `indexed` in any order.
`check` looks through what there is. What makes tensors needs torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallpaint.data.export import export_rooms
from wallpaint.data.from_photos import PhotoRecipe, PhotoShot, draw_photo
from wallpaint.data.from_rooms import Recipe, Shot, draw_shot
from wallpaint.data.layout import SPLITS, Entry, SplitFolder, SplitWriter, split_of
from wallpaint.data.paints import FAMILIES, draw_paint
from wallpaint.data.reference import ReferenceSettings
from wallpaint.data.shelf import RoomShelf

if TYPE_CHECKING:
    from wallpaint.data.indexed import IndexedWallDataset
    from wallpaint.data.painted_rooms import PaintedRoomsDataset
    from wallpaint.data.sample import Sample, collate, make_sample
    from wallpaint.data.sharded import ShardedWallDataset
    from wallpaint.data.wall_inpainting import WallInpaintingDataset

_WITH_EXTRAS = {
    "IndexedWallDataset": "wallpaint.data.indexed",
    "PaintedRoomsDataset": "wallpaint.data.painted_rooms",
    "Sample": "wallpaint.data.sample",
    "ShardedWallDataset": "wallpaint.data.sharded",
    "WallInpaintingDataset": "wallpaint.data.wall_inpainting",
    "collate": "wallpaint.data.sample",
    "make_sample": "wallpaint.data.sample",
}
__all__ = [
    "FAMILIES",
    "SPLITS",
    "Entry",
    "IndexedWallDataset",
    "PaintedRoomsDataset",
    "PhotoRecipe",
    "PhotoShot",
    "Recipe",
    "ReferenceSettings",
    "RoomShelf",
    "Sample",
    "ShardedWallDataset",
    "Shot",
    "SplitFolder",
    "SplitWriter",
    "WallInpaintingDataset",
    "collate",
    "draw_paint",
    "draw_photo",
    "draw_shot",
    "export_rooms",
    "make_sample",
    "split_of",
]


def __getattr__(name: str) -> Any:
    """What needs torch, or webdataset, is fetched when it is first asked for."""
    if name not in _WITH_EXTRAS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WITH_EXTRAS[name]), name)
