"""The training dataset and its references, under the names of the workflow; from `wallpaint.data` and `.reference`."""

from wallpaint.data import WallInpaintingDataset
from wallpaint.reference import create_solid_color_reference, extract_dominant_color

__all__ = ["WallInpaintingDataset", "create_solid_color_reference", "extract_dominant_color"]
