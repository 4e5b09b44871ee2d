import io

import numpy as np
import pytest
from PIL import Image

from wallpaint.errors import EmptyMaskError, UnreadableImageError
from wallpaint.serve.api.uploads import collect_notes, read_image, read_wall

LIMIT = 1_000_000


def test_a_fault_names_the_part_of_the_form():
    with pytest.raises(UnreadableImageError, match=r"^image: the file is empty"):
        read_image(b"", "image", LIMIT)


def test_a_mask_without_wall_keeps_its_kind_of_error(wall_mask):
    picture = io.BytesIO()
    Image.fromarray(np.zeros_like(wall_mask)).save(picture, "PNG")
    with pytest.raises(EmptyMaskError, match=r"^mask: the mask covers no pixel"):
        read_wall(picture.getvalue(), "mask", wall_mask.shape, False, LIMIT)


def test_what_is_mended_on_the_way_is_noted(room_pixels, wall_mask):
    picture = io.BytesIO()
    Image.fromarray(wall_mask[::2, ::2]).save(picture, "PNG")
    with collect_notes() as notes:
        read_wall(picture.getvalue(), "mask", wall_mask.shape, False, LIMIT)
    assert any("resized" in note for note in notes)
