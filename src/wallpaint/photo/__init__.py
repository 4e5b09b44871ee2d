"""Photos and masks: from files to arrays and back, exactly.

Read `decode` (a file, or why it is none), then `read` (to sRGB bytes) and `write`; then `mask_values` (what a mask's
pixels mean), `mask` (on the photo's grid) and `mask_quality`.
"""

from wallpaint.photo.decode import MAX_PIXELS
from wallpaint.photo.mask import as_mask, erode, is_soft, is_wall, read_mask
from wallpaint.photo.mask_quality import MaskQuality, mask_quality
from wallpaint.photo.read import read_photo
from wallpaint.photo.write import write_photo

__all__ = [
    "MAX_PIXELS",
    "MaskQuality",
    "as_mask",
    "erode",
    "is_soft",
    "is_wall",
    "mask_quality",
    "read_mask",
    "read_photo",
    "write_photo",
]
