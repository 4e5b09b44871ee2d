"""Wall masks: reading, quality, edge matting, and the byte-exact composite.

Read `values` (conversion of a mask's pixel values to alpha; `stretch` and `noise` correct its greys), `read` (resizing
to the photo's grid and checks), `turn` (masks of unrotated photos), `quality`, `matting` (alpha of edge pixels),
`region` (wall pixels and edge pixels of a photo), and `composite`. `masked_means` averages over the pixels of a mask.
`select` finds a wall from clicks, strokes and polygons.
"""

from wallpaint.mask.composite import Surroundings, composite
from wallpaint.mask.masked_means import cell_means, mean_around
from wallpaint.mask.matting import edge_limits, needs_compiling
from wallpaint.mask.quality import MaskQuality, mask_quality
from wallpaint.mask.read import as_mask, erode, is_soft, is_wall, read_mask
from wallpaint.mask.region import EDGES, Edges, MixedPixels, WallRegion, edge_reach, find_region, may_change

__all__ = [
    "EDGES",
    "Edges",
    "MaskQuality",
    "MixedPixels",
    "Surroundings",
    "WallRegion",
    "as_mask",
    "cell_means",
    "composite",
    "edge_limits",
    "edge_reach",
    "erode",
    "find_region",
    "is_soft",
    "is_wall",
    "mask_quality",
    "may_change",
    "mean_around",
    "needs_compiling",
    "read_mask",
]
