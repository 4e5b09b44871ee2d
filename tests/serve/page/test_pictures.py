import numpy as np
import pytest

from wallpaint.mask.select import Click
from wallpaint.serve.page.pictures import PREVIEW_SIDE, brushed, click_on, color_at, marked, preview


def test_a_small_photo_is_shown_as_it_is(room_pixels):
    assert preview(room_pixels) is room_pixels


def test_a_large_photo_is_shown_smaller_in_the_same_shape():
    shown = preview(np.zeros((3000, 4000, 3), np.uint8))
    assert shown.shape == (PREVIEW_SIDE * 3 // 4, PREVIEW_SIDE, 3)


@pytest.mark.parametrize("shape", [(160, 240), (3000, 4000), (4000, 3000)])
def test_a_click_on_the_preview_is_on_the_same_spot_of_the_photo(shape):
    height, width = preview(np.zeros((*shape, 3), np.uint8)).shape[:2]
    for x, y in ((0, 0), (width // 3, height // 2), (width - 1, height - 1)):
        click = click_on(shape, (x, y), True)
        assert click.row / shape[0] == pytest.approx(y / height, abs=1 / height)
        assert click.column / shape[1] == pytest.approx(x / width, abs=1 / width)


def test_wall_and_rest_and_clicks_look_different(room_pixels, wall_alpha):
    shown = marked(room_pixels, wall_alpha, [Click(40, 60), Click(80, 60, keep=False)])
    assert shown.shape == room_pixels.shape
    kept, dropped = shown[40, 60].astype(int), shown[80, 60].astype(int)
    assert kept[1] > kept[0]
    assert dropped[0] > dropped[1]
    assert np.array_equal(marked(room_pixels, None, []), room_pixels)


def test_an_eyedropper_takes_the_median_around_its_tip():
    pixels = np.full((20, 20, 3), (10, 20, 30), np.uint8)
    pixels[10, 10] = 255
    assert color_at(pixels, 10, 10).rgb8 == (10, 20, 30)
    assert color_at(pixels, 0, 19).rgb8 == (10, 20, 30)


def test_strokes_are_where_any_layer_is_opaque():
    layer = np.zeros((4, 6, 4), np.uint8)
    assert brushed({"layers": [layer]}) is None
    assert brushed({}) is None
    layer[1, 2, 3] = 255
    strokes = brushed({"layers": [layer]})
    assert np.argwhere(strokes).tolist() == [[1, 2]]


def test_the_corners_of_an_outline_are_dots_with_lines_between(room_pixels):
    shown = marked(room_pixels, None, [], [(20, 20), (20, 100)]).astype(int)
    for column in (20, 60, 100):
        red, green, blue = shown[20, column]
        assert blue > green > red
    assert np.array_equal(shown[60:], room_pixels[60:])
