import numpy as np
import pytest
from bad_inputs import room_pixels, wall_mask
from PIL import Image, ImageOps

from wallpaint import Repainter
from wallpaint.errors import MaskSizeError, WallpaintWarning
from wallpaint.mask.turn import read_mask_of_photo, stored_orientation, turned_upright

UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def saved(folder, orientation, pixels=None, mask=None, turn_mask=True):
    """A photo stored turned, with its EXIF orientation, and a mask stored turned (or upright) without."""
    exif = Image.Exif()
    exif[274] = orientation
    photo = Image.fromarray(room_pixels() if pixels is None else pixels)
    drawn = Image.fromarray(wall_mask() if mask is None else mask)
    photo.transpose(UNDO[orientation]).save(folder / "room.png", exif=exif)
    (drawn.transpose(UNDO[orientation]) if turn_mask else drawn).save(folder / "wall.png")
    return folder / "wall.png", folder / "room.png"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_pillows(orientation):
    plane = np.arange(12, dtype=np.uint8).reshape(3, 4)
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(plane)
    image.info["exif"] = exif.tobytes()
    np.testing.assert_array_equal(turned_upright(plane, orientation), np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_a_mask_of_the_stored_pixels_is_turned_with_a_warning(orientation, tmp_path):
    mask, photo = saved(tmp_path, orientation)
    with pytest.warns(WallpaintWarning, match=f"wall.png: .*EXIF orientation {orientation}.*it is rotated"):
        alpha = read_mask_of_photo(mask, photo, room_pixels())
    np.testing.assert_array_equal(alpha, wall_mask() > 0)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_square_photo_is_judged_by_its_edges(orientation, tmp_path):
    pixels, mask = room_pixels()[:, 32:], wall_mask()[:, 32:]
    with pytest.warns(WallpaintWarning, match="fits the photo's edges far better"):
        alpha = read_mask_of_photo(*saved(tmp_path, orientation, pixels, mask), pixels)
    np.testing.assert_array_equal(alpha, mask > 0)


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_an_upright_mask_stays(orientation, tmp_path, recwarn):
    alpha = read_mask_of_photo(*saved(tmp_path, orientation, turn_mask=False), room_pixels())
    np.testing.assert_array_equal(alpha, wall_mask() > 0)
    assert not recwarn.list


def test_a_mask_of_another_shape_is_still_refused(tmp_path):
    mask, photo = saved(tmp_path, 6)
    Image.fromarray(wall_mask()[:, :50]).save(mask)
    with pytest.raises(MaskSizeError):
        read_mask_of_photo(mask, photo, room_pixels())


def test_what_has_no_orientation_is_upright(tmp_path):
    (tmp_path / "text").write_text("no picture")
    assert stored_orientation(tmp_path / "text") == stored_orientation(tmp_path / "missing") == 1


def test_painting_turns_the_mask(tmp_path):
    mask, photo = saved(tmp_path, 3)
    with pytest.warns(WallpaintWarning, match="so it is rotated"):
        room = Repainter().open(photo, mask)
    np.testing.assert_array_equal(room.region.is_wall, wall_mask() > 0)
