"""Reading and writing of photo files: colour managed, upright, atomic.

Read `decode` (a file to one decoded, upright picture), `read` (to sRGB bytes), `encoding` (bytes to linear light and
back), then `write` and `png`. `depth` reads depth maps; `channels` runs a function on three channels in parallel;
`in_memory` converts pictures and masks from PIL, numpy and torch.
"""

from wallpaint.photo.channels import each_channel
from wallpaint.photo.decode import MAX_PIXELS, image_shape
from wallpaint.photo.depth import read_depth, relative_disparity, resized_depth, stretched
from wallpaint.photo.encoding import FAINTEST, LINEAR_OF_BYTE, bytes_to_linear, linear_to_bytes
from wallpaint.photo.in_memory import picture_bytes, wall_of
from wallpaint.photo.png import mask_picture, mask_png, png_bytes
from wallpaint.photo.read import as_photo, read_photo
from wallpaint.photo.write import photo_png, write_files, write_photo

__all__ = [
    "FAINTEST",
    "LINEAR_OF_BYTE",
    "MAX_PIXELS",
    "as_photo",
    "bytes_to_linear",
    "each_channel",
    "image_shape",
    "linear_to_bytes",
    "mask_picture",
    "mask_png",
    "photo_png",
    "picture_bytes",
    "png_bytes",
    "read_depth",
    "read_photo",
    "relative_disparity",
    "resized_depth",
    "stretched",
    "wall_of",
    "write_files",
    "write_photo",
]
