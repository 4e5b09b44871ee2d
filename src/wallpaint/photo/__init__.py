"""Photos and masks: from files to arrays and back, exactly.

Read `decode` (a file, or why it is none), then `read` (to sRGB bytes) and `write`; then `mask_values` (what a mask's
pixels mean), `mask` (on the photo's grid) and `mask_quality`; then `matting` (the wall's share of an edge pixel),
`region` (where the wall is), `encoding` (bytes to light and back) and `composite` (the byte-exact paste). `depth`
stands alone.
"""

from wallpaint.photo.channels import each_channel
from wallpaint.photo.composite import Surroundings, composite
from wallpaint.photo.decode import MAX_PIXELS
from wallpaint.photo.depth import read_depth, relative_disparity, resized_depth, stretched
from wallpaint.photo.encoding import FAINTEST, LINEAR_OF_BYTE, bytes_to_linear, linear_to_bytes
from wallpaint.photo.mask import as_mask, erode, is_soft, is_wall, read_mask
from wallpaint.photo.mask_quality import MaskQuality, mask_quality
from wallpaint.photo.matting import edge_limits, needs_compiling
from wallpaint.photo.neighbourhood import cell_means, mean_around
from wallpaint.photo.png import mask_picture, mask_png, png_bytes
from wallpaint.photo.read import as_photo, read_photo
from wallpaint.photo.region import EDGES, Edges, MixedPixels, WallRegion, edge_reach, find_region
from wallpaint.photo.write import photo_png, write_files, write_photo

__all__ = [
    "EDGES",
    "FAINTEST",
    "LINEAR_OF_BYTE",
    "MAX_PIXELS",
    "Edges",
    "MaskQuality",
    "MixedPixels",
    "Surroundings",
    "WallRegion",
    "as_mask",
    "as_photo",
    "bytes_to_linear",
    "cell_means",
    "composite",
    "each_channel",
    "edge_limits",
    "edge_reach",
    "erode",
    "find_region",
    "is_soft",
    "is_wall",
    "linear_to_bytes",
    "mask_picture",
    "mask_png",
    "mask_quality",
    "mean_around",
    "needs_compiling",
    "photo_png",
    "png_bytes",
    "read_depth",
    "read_mask",
    "read_photo",
    "relative_disparity",
    "resized_depth",
    "stretched",
    "write_files",
    "write_photo",
]
