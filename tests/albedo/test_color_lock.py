import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_room import BEIGE, DARK_GREEN, room, wall_alpha

from wallpaint import Color, Repainter, parse_color
from wallpaint.albedo import lock_color
from wallpaint.color import linear_to_srgb
from wallpaint.reference import wall_median

WALL = np.ones((8, 8), bool)
BYTE = st.integers(0, 255)
ROOMS = [(BEIGE, 0), (DARK_GREEN, 3), ((0.42, 0.08, 0.05), 2), ((1.2, 1.15, 1.1), 2), ((0, 0, 0), 0)]


def locked(paint, reference, wall=WALL):
    """The picture the lock settles for."""
    return lock_color(paint, np.asarray(reference), wall).picture


def opened(paint, noise):
    return Repainter().open(room(paint, noise=noise), wall_alpha().astype(np.float32))


class Painter:
    """Paints 64 pixels flat, a little off what it is asked for; counts how often."""

    def __init__(self, off):
        self.off, self.asked = off, []

    def __call__(self, aim):
        self.asked.append(aim)
        flat = np.clip(np.rint(255 * linear_to_srgb(aim) + self.off(len(self.asked))), 0, 255)
        return np.broadcast_to(flat, (8, 8, 3)).astype(np.uint8)


@given(st.tuples(BYTE, BYTE, BYTE), st.integers(-9, 9))
def test_a_constant_error_is_corrected(color, miss):
    aimed = np.clip(color, 10, 245)
    painter = Painter(lambda attempt: miss)
    picture = locked(painter, aimed / 255)
    assert (picture == aimed).all()
    assert len(painter.asked) <= 2


def test_an_exact_median_ends_the_attempts():
    painter = Painter(lambda attempt: 0)
    locked(painter, [0.2, 0.4, 0.6])
    assert len(painter.asked) == 1
    np.testing.assert_allclose(linear_to_srgb(painter.asked[0]), [0.2, 0.4, 0.6])


def test_a_median_that_moves_farther_than_the_aim_converges():
    painter = Painter(lambda attempt: 0)

    def paint(aim):
        return np.clip(painter(aim).astype(int) + np.rint(255 * linear_to_srgb(aim) - 113).astype(int), 0, 255).astype(
            np.uint8
        )

    assert (locked(paint, np.full(3, 120 / 255)) == 120).all()


def test_the_closest_of_the_attempts_is_kept():
    greys = iter([90, 140, 106, 70, 130, 104, 111, 92])

    def paint(aim):
        return np.full((8, 8, 3), next(greys), np.uint8)

    assert (locked(paint, np.full(3, 100 / 255)) == 104).all()
    assert next(greys, None) is None


def test_the_aim_may_exceed_white_by_a_tenth():
    painter = Painter(lambda attempt: -60)
    locked(painter, [1.0, 1.0, 0.0])
    assert all(aim.min() >= 0 for aim in painter.asked)
    assert 1 < max(linear_to_srgb(aim).max() for aim in painter.asked) <= 1.1 + 1e-6


def test_only_pixels_of_the_wall_count():
    wall = WALL.copy()
    wall[4:] = False

    def paint(aim):
        picture = np.full((8, 8, 3), 255, np.uint8)
        picture[:4] = np.rint(255 * linear_to_srgb(aim)) - 5
        return picture

    assert (locked(paint, np.full(3, 100 / 255), wall)[:4] == 100).all()


@pytest.mark.parametrize(("paint", "noise"), ROOMS, ids=["beige", "dark", "red", "blown out", "black"])
@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#010101", "#fefefe"])
def test_extreme_colours_are_reached_exactly(paint, noise, color):
    looked_at = opened(paint, noise)
    median = wall_median(looked_at.paint(color).image, looked_at.region.is_wall)
    np.testing.assert_array_equal(median, parse_color(color).rgb8)


@pytest.mark.parametrize(("paint", "noise"), ROOMS[:3], ids=["beige", "dark", "red"])
def test_every_colour_is_the_exact_median_of_the_painted_wall(paint, noise):
    looked_at = opened(paint, noise)

    @settings(max_examples=25)
    @given(st.tuples(BYTE, BYTE, BYTE))
    def holds(rgb):
        painted = looked_at.paint(Color.from_rgb8(rgb))
        np.testing.assert_array_equal(wall_median(painted.image, looked_at.region.is_wall), rgb)

    holds()
