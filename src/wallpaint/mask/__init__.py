"""Where the wall is: masks, their edges, and the byte-exact composite.

Read `values` (what a mask file's pixel values mean; `modes` and `noise` stretch its greys), `read` (a mask on the
photo's grid), `turn` (masks of unrotated photos), `quality`, `matting` (the
wall's share of each edge pixel), `region` (wall pixels and edge pixels of a photo), and `composite`. `masked_means`
averages over pixels of a mask. `select` finds a wall from clicks, strokes and polygons.
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
