import numpy as np

from wallpaint.mask.select import Click, overlay


def test_the_wall_keeps_its_colours_and_the_rest_is_dimmed_grey(room_pixels, wall_alpha):
    hard = (wall_alpha > 0.5).astype(np.float32)
    shown = overlay(room_pixels, hard)
    inside, outside = (20, 60), (150, 60)
    np.testing.assert_array_equal(shown[inside], room_pixels[inside])
    assert shown[outside].max() < 0.5 * room_pixels[outside].max()
    assert len(set(shown[outside])) == 1


def test_clicks_show_green_where_kept_and_red_where_dropped(room_pixels, wall_alpha):
    shown = overlay(room_pixels, wall_alpha, [Click(20, 60), Click(150, 60, keep=False)])
    assert shown[20, 60].argmax() == 1
    assert shown[150, 60].argmax() == 0
