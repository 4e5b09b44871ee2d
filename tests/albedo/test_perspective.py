from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from wallpaint.albedo import check_corners, estimate_corners, lay_pattern
from wallpaint.albedo.log_light import STEPS_PER_NEPER
from wallpaint.albedo.perspective import wall_aspect
from wallpaint.color import srgb_to_linear
from wallpaint.errors import SettingError
from wallpaint.mask import find_region
from wallpaint.reference import TextureSample, wall_median

SHAPE = HEIGHT, WIDTH = 160, 240
SQUARE = np.array([[60, 30], [180, 30], [180, 110], [60, 110]], float)


@dataclass
class Camera:
    """A pinhole that looks at a wall of z = 0 through the photo's middle; degrees and pixels."""

    yaw: float
    pitch: float
    roll: float = 0.0
    focal: float = 260.0
    away: float = 5.0

    @property
    def rotation(self):
        yaw, pitch, roll = np.deg2rad([self.yaw, self.pitch, self.roll])
        about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        return about_z @ about_x @ about_y

    def project(self, wall):
        """(N, 2) points of the wall → (N, 2) pixels."""
        points = np.column_stack([wall, np.zeros(len(wall))]) @ self.rotation.T + [0.2, 0.1, self.away]
        return points[:, :2] / points[:, 2:] * self.focal + [WIDTH / 2, HEIGHT / 2]

    def wall_under(self, y, x):
        """Points of the wall (across, down) that the pixels see, by meeting each ray with the plane."""
        rays = np.stack([(x - WIDTH / 2) / self.focal, (y - HEIGHT / 2) / self.focal, np.ones_like(x)], axis=-1)
        normal, origin = self.rotation[:, 2], np.array([0.2, 0.1, self.away])
        hits = rays * (origin @ normal / (rays @ normal))[..., None] - origin
        return hits @ self.rotation[:, 0], hits @ self.rotation[:, 1]


CAMERAS = [Camera(30, 10), Camera(-25, -15, 5, 320), Camera(0, 0), Camera(20, 8, -4, 220)]


def rectangle(aspect):
    """Corners of an upright rectangle on the wall, 2 high, clockwise from top left."""
    return np.array([[-aspect, -1], [aspect, -1], [aspect, 1], [-aspect, 1]], float)


def checkerboard(light=(200, 180, 160), dark=(60, 70, 90), cell=16):
    """Two by two cells."""
    y, x = np.indices((2 * cell, 2 * cell)) // cell
    return TextureSample(np.where(((x + y) % 2 == 0)[..., None], light, dark).astype(np.uint8))


def region_of(mask=None):
    mask = np.ones(SHAPE, np.float32) if mask is None else mask.astype(np.float32)
    return find_region(np.zeros((*SHAPE, 3), np.uint8), mask, "hard")


def laid_light(sample, region, corners, repeats):
    """(h, w, 3) linear light of the sample as laid."""
    laid = lay_pattern(sample, region, corners, repeats)
    return np.exp(laid.transpose(1, 2, 0) / STEPS_PER_NEPER) * sample.color.linear


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("aspect", [0.7, 1.4])
def test_a_checkerboard_lands_where_the_camera_sees_it(camera, aspect):
    mask = np.zeros(SHAPE, bool)
    mask[20:150, 30:220] = True
    region, sample, repeats = region_of(mask), checkerboard(), 3
    light = laid_light(sample, region, camera.project(rectangle(aspect)), repeats)
    y, x = np.mgrid[20:150, 30:220].astype(float)
    across, down = camera.wall_under(y, x)
    cells = np.stack([across + aspect, down + 1]) / (2 * aspect) * repeats * 2 + 0.5 / 16  # a cell is 16 pixels
    well_inside = (np.abs(cells - np.round(cells)) > 0.2).all(axis=0)
    is_light = np.floor(cells).sum(axis=0) % 2 == 0
    expected = np.where(
        is_light[..., None], *(srgb_to_linear(np.array(c) / 255) for c in ((200, 180, 160), (60, 70, 90)))
    )
    assert well_inside.mean() > 0.2
    assert is_light[well_inside].any()
    assert not is_light[well_inside].all()
    np.testing.assert_allclose(light[well_inside], expected[well_inside], rtol=0.02)


def test_a_laid_pattern_is_log_factors_over_the_window():
    mask = np.zeros(SHAPE, bool)
    mask[20:150, 30:220] = True
    laid = lay_pattern(checkerboard(), region_of(mask), SQUARE, 2)
    assert laid.dtype == np.int16
    assert laid.shape == (3, 130, 190)
    assert laid.flags.c_contiguous


def test_a_plain_sample_gives_log_factors_of_zero():
    plain = TextureSample(np.full((10, 12, 3), (90, 120, 150), np.uint8))
    assert np.abs(lay_pattern(plain, region_of(), SQUARE, 4)).max() <= 1


def test_the_sample_repeats_as_often_as_asked_for():
    stripe = np.full((32, 32, 3), 200, np.uint8)
    stripe[:, 16:] = 50
    row = laid_light(TextureSample(stripe), region_of(), SQUARE, 6)[70, 60:180, 0]
    is_light = row > srgb_to_linear(125 / 255)
    assert np.count_nonzero(np.diff(is_light.astype(int)) == -1) == 6


def test_a_wide_sample_repeats_by_its_own_width_and_height():
    thirds = np.full((16, 48, 3), 30, np.uint8)
    thirds[:, 16:32], thirds[:, 32:] = 120, 240
    light = laid_light(TextureSample(thirds), region_of(), SQUARE, 1)
    for x, grey in ((80, 30), (120, 120), (160, 240), (40, 240), (200, 30)):
        np.testing.assert_allclose(light[50:90, x], srgb_to_linear(grey / 255), rtol=0.02)


def test_there_is_no_seam_between_repeats():
    y, x = np.mgrid[0:40, 0:40] / 40 * 2 * np.pi
    wave = np.repeat((128 + 60 * np.sin(x) * np.cos(y))[..., None], 3, axis=-1).astype(np.uint8)
    light = laid_light(TextureSample(wave), region_of(), SQUARE, 2)
    assert np.abs(np.diff(light, axis=1)).max() < 0.035
    assert np.abs(np.diff(light, axis=0)).max() < 0.035


@pytest.mark.parametrize("repeats", [200, 240, 300, 480, 960])
def test_a_very_fine_pattern_averages_instead_of_aliasing(repeats):
    sample = checkerboard((255, 255, 255), (0, 0, 0), cell=8)
    frontal = np.array([[0, 0], [240, 0], [240, 160], [0, 160]], float)
    light = laid_light(sample, region_of(), frontal, repeats)
    np.testing.assert_allclose(light, 0.5, atol=0.1)


def test_a_pattern_far_away_averages_and_a_near_one_does_not():
    receding = np.array([[0, 0], [230, 74], [230, 86], [0, 160]], float)
    sample = checkerboard((255, 255, 255), (0, 0, 0), cell=8)
    light = laid_light(sample, region_of(), receding, 60)
    near, far = light[20:140, :40], light[78:83, 215:229]
    assert near.std() > 0.35
    assert far.std() < 0.1
    assert far.mean() == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.8])
def test_the_aspect_of_a_rectangle_is_recovered_from_its_picture(camera, aspect):
    assert wall_aspect(camera.project(rectangle(aspect)), SHAPE) == pytest.approx(aspect, rel=1e-6)


def test_with_one_vanishing_point_the_aspect_is_estimated():
    assert wall_aspect(Camera(30, 0).project(rectangle(1.5)), SHAPE) == pytest.approx(1.5, rel=0.05)


@pytest.mark.parametrize(
    "corners",
    [
        [[20, 15], [210, 40], [205, 120], [25, 150]],
        [[60, 20], [180, 20], [180, 110], [60, 110]],
        [[5, 60], [120, 10], [230, 70], [110, 150]],
        [[100, 5], [130, 8], [200, 150], [40, 140]],
    ],
)
def test_the_corners_of_a_quadrilateral_are_found_within_two_pixels(corners):
    wall = np.zeros(SHAPE, np.uint8)
    cv2.fillConvexPoly(wall, np.array(corners), 1)
    assert np.abs(estimate_corners(wall > 0) - corners).max() <= 2


def test_corners_are_found_behind_an_object():
    corners = [[20, 15], [210, 40], [205, 120], [25, 150]]
    wall = np.zeros(SHAPE, np.uint8)
    cv2.fillConvexPoly(wall, np.array(corners), 1)
    wall[60:160, 80:130] = 0
    assert np.abs(estimate_corners(wall > 0) - corners).max() <= 2


@pytest.mark.parametrize(
    "window", [(slice(40, 41), slice(10, 11)), (slice(40, 41), slice(10, 60)), (slice(0, 9), slice(7, 8))]
)
def test_a_very_thin_wall_has_valid_corners(window):
    wall = np.zeros(SHAPE, bool)
    wall[window] = True
    check_corners(estimate_corners(wall))


def test_estimated_corners_are_valid_corners(wall_mask):
    check_corners(estimate_corners(wall_mask > 0))


def test_corners_are_estimated_where_none_are_given(wall_mask):
    region = region_of(wall_mask > 0)
    estimated = estimate_corners(region.is_wall)
    sample = checkerboard()
    np.testing.assert_array_equal(lay_pattern(sample, region, None, 4), lay_pattern(sample, region, estimated, 4))


@pytest.mark.parametrize(
    "corners",
    [
        SQUARE[::-1],
        SQUARE[[0, 2, 1, 3]],
        SQUARE[[0, 1, 1, 3]],
        [[0, 0], [50, 0], [100, 0], [50, 50]],
        [[0, 0], [9, 0], [2, 2], [0, 9]],
    ],
    ids=["anticlockwise", "crossed", "two alike", "three on a line", "dented"],
)
def test_corners_that_go_round_no_rectangle_are_refused(corners):
    with pytest.raises(SettingError, match="clockwise"):
        check_corners(np.array(corners))


@pytest.mark.parametrize(
    "corners", [SQUARE[:3], SQUARE[:, :1], SQUARE.ravel(), np.where(SQUARE == 30, np.nan, SQUARE), SQUARE * np.inf]
)
def test_anything_but_four_finite_points_is_refused(corners):
    with pytest.raises(SettingError, match="four corners"):
        check_corners(corners)


@pytest.mark.parametrize("start", range(4))
def test_corners_may_start_anywhere_if_they_go_clockwise(start):
    np.testing.assert_array_equal(check_corners(np.roll(SQUARE, start, axis=0)), np.roll(SQUARE, start, axis=0))


@pytest.mark.parametrize("repeats", [0, -1, np.nan, np.inf])
def test_an_invalid_number_of_repeats_is_refused(repeats):
    with pytest.raises(SettingError, match="above 0"):
        lay_pattern(checkerboard(), region_of(), SQUARE, repeats)


@pytest.mark.parametrize("corners", [None, SQUARE])
def test_the_median_colour_of_the_pattern_is_locked(corners, room_pixels, open_room):
    grain = np.random.default_rng(0).normal(0, 12, (48, 64, 1))
    pixels = np.clip(np.array([150, 80, 60]) + grain, 0, 255)
    pixels[::12] = (205, 200, 190)
    sample = TextureSample(pixels.astype(np.uint8))
    looked_at = open_room(room_pixels)
    painted = looked_at.paint(sample, corners=corners, repeats=3)
    median = wall_median(painted.image, looked_at.region.is_wall)
    np.testing.assert_allclose(median, sample.color.rgb8, atol=0.5)
    assert painted.metrics["delta_e_2000_median"] <= 0.5


def test_objects_in_front_of_the_wall_do_not_move_its_corners():
    corners = np.array([[40, 30], [280, 60], [270, 200], [50, 220]])
    wall = cv2.fillPoly(np.zeros((240, 320), np.uint8), [corners], 1)
    wall[100:, 60:110] = 0  # a door
    wall[150:, 150:230] = 0  # a sofa
    wall[:80, 180:215] = 0  # a lamp that hangs before the top edge
    assert np.abs(estimate_corners(wall > 0) - corners).max() <= 2


def test_of_two_walls_the_one_with_the_longer_edge_counts():
    wall = cv2.fillPoly(
        np.zeros((240, 320), np.uint8), [np.array([[0, 60], [230, 80], [319, 20], [319, 239], [0, 239]])], 1
    )
    top_left, top_right = estimate_corners(wall > 0)[:2]
    assert (top_right - top_left)[1] / (top_right - top_left)[0] == pytest.approx(20 / 230, abs=0.01)
