"""What the workflow calls by this name lives in `wallpaint.data` and `wallpaint.reference`."""

from wallpaint.data import WallInpaintingDataset
from wallpaint.reference import create_solid_color_reference, extract_dominant_color

__all__ = ["WallInpaintingDataset", "create_solid_color_reference", "extract_dominant_color"]
