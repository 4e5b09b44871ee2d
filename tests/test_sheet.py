import numpy as np
import pytest
from PIL import Image

from wallpaint import Color, Repainter
from wallpaint.errors import OutputError
from wallpaint.sheet import before_and_after, contact_sheet, row, save_sheet, swatch, thumbnail

RED, BLUE = (200, 30, 20), (20, 40, 190)


def picture(width, height, color=RED):
    return Image.new("RGB", (width, height), color)


def pasted(sheet, color):
    """(top, left, height, width) of what has exactly this colour."""
    rows, columns = np.nonzero((sheet == color).all(axis=-1))
    return rows.min(), columns.min(), rows.max() - rows.min() + 1, columns.max() - columns.min() + 1


def has_ink(area):
    return bool((area.min(axis=-1) < 120).any())


@pytest.mark.parametrize(("shape", "size"), [((300, 400), (80, 60)), ((400, 300), (60, 80)), ((40, 50), (50, 40))])
def test_a_thumbnail_fits_and_keeps_its_shape_and_is_never_enlarged(shape, size):
    assert thumbnail(np.zeros((*shape, 3), np.uint8), 80).size == size


def test_a_swatch_is_the_colour_alone():
    made = swatch(Color.from_rgb8((185, 160, 140)), (7, 5))
    assert made.size == (7, 5)
    assert made.getcolors() == [(35, (185, 160, 140))]


@pytest.mark.parametrize(
    ("count", "columns", "grid"),
    [(1, None, (1, 1)), (4, None, (2, 2)), (5, None, (2, 3)), (7, 2, (4, 2)), (3, 5, (1, 3)), (10, 4, (3, 4))],
)
def test_a_sheet_has_as_many_rows_and_columns_as_it_needs(count, columns, grid):
    one = contact_sheet([("", picture(60, 40))]).shape
    two = contact_sheet([("", picture(60, 40))] * 2, columns=2).shape
    cell = (contact_sheet([("", picture(60, 40))] * 2, columns=1).shape[0] - one[0], two[1] - one[1])
    sheet = contact_sheet([("", picture(60, 40))] * count, columns)
    assert sheet.shape == (one[0] + (grid[0] - 1) * cell[0], one[1] + (grid[1] - 1) * cell[1], 3)
    assert sheet.dtype == np.uint8


def test_every_picture_is_on_the_sheet_as_it_is():
    sheet = contact_sheet([("red", picture(60, 40, RED)), ("blue", picture(30, 50, BLUE))], columns=2)
    top, left, height, width = pasted(sheet, RED)
    assert (height, width) == (40, 60)
    other_top, other_left, height, width = pasted(sheet, BLUE)
    assert (height, width) == (50, 30)
    assert other_top == top > 0
    assert other_left > left + 60


def test_a_caption_stands_below_its_picture():
    with_words, without = (contact_sheet([(caption, picture(120, 40))]) for caption in ("sage 0.12", ""))
    assert with_words.shape == without.shape
    top, left, height, width = pasted(with_words, RED)
    below = (slice(top + height, None), slice(left, left + width))
    assert has_ink(with_words[below])
    assert not has_ink(without[below])
    np.testing.assert_array_equal(with_words[: top + height], without[: top + height])


@pytest.mark.parametrize(
    ("caption", "drawn"), [("Crème brûlée", "Creme brulee"), ("5 × 3 → ΔE", "5 x 3 > dE"), ("青", "?")]
)
def test_no_letter_is_drawn_as_an_empty_box(caption, drawn):
    sheets = [contact_sheet([(words, picture(160, 20))]) for words in (caption, drawn)]
    np.testing.assert_array_equal(*sheets)


def test_pictures_in_a_row_stand_side_by_side_each_as_wide_as_it_is():
    line = row([("", picture(60, 40, RED)), ("", picture(20, 50, BLUE))])
    red, blue = pasted(line, RED), pasted(line, BLUE)
    assert red[2:] == (40, 60)
    assert blue[2:] == (50, 20)
    gap = blue[1] - (red[1] + 60)
    assert gap == red[1] > 0
    assert line.shape[1] == 60 + 20 + 3 * gap


@pytest.fixture(scope="module")
def painted(room_pixels, wall_alpha):
    return Repainter().open(room_pixels, wall_alpha).paint("#2f4858")


def test_before_and_after_shows_the_photo_the_colour_and_the_result(painted):
    sheet = before_and_after(painted, longest=120)
    before, after = (np.asarray(thumbnail(pixels, 120)) for pixels in (painted.photo, painted.image))
    height, width = before.shape[:2]
    margin = 12
    np.testing.assert_array_equal(sheet[margin : margin + height, margin : margin + width], before)
    np.testing.assert_array_equal(sheet[margin : margin + height, -margin - width : -margin], after)
    between = sheet[margin : margin + height, 2 * margin + width : -2 * margin - width]
    assert between.shape[1] == height // 3
    assert (between == painted.color.rgb8).all()


def test_a_sheet_is_written_and_its_path_given_back(tmp_path, painted):
    sheet = before_and_after(painted)
    path = save_sheet(sheet, tmp_path / "new" / "sheet.png")
    assert path == tmp_path / "new" / "sheet.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), sheet)


def test_a_sheet_is_never_written_over_its_photo(tmp_path):
    photo = tmp_path / "room.png"
    picture(8, 8).save(photo)
    before = photo.read_bytes()
    for path in (photo, str(photo), tmp_path / "." / "room.png"):
        with pytest.raises(OutputError, match="the photo itself"):
            save_sheet(contact_sheet([("", picture(4, 4))]), path, source=photo)
    assert photo.read_bytes() == before
