import numpy as np
import pytest
from synthetic_room import BEIGE, DARK_GREEN, even_falloff, grid, room, to_bytes

from wallpaint.albedo import paint_albedo
from wallpaint.albedo.tone_response import ClosedFormInterreflection
from wallpaint.color import srgb_to_linear

OLD = [BEIGE, (0.3, 0.3, 0.3), (0.1, 0.08, 0.06)]
NEW = [(0.05, 0.04, 0.03), (0.02, 0.06, 0.1), (0.1, 0.02, 0.02), (0.3, 0.25, 0.2), (0.5, 0.45, 0.4)]


@pytest.fixture
def no_interreflection(monkeypatch):
    """Rooms in which walls do not light each other, as `synthetic_room` draws them; without the network."""
    monkeypatch.setattr("wallpaint.albedo.room.predict_interreflection", lambda pixels, alpha: None)
    monkeypatch.setattr(
        ClosedFormInterreflection, "of_region", classmethod(lambda cls, region: ClosedFormInterreflection(0, 0))
    )


def aim_of(picture, pure):
    """Linear light of the wall's median."""
    return srgb_to_linear(np.median(picture[pure], axis=0) / 255)


def off(painted, truth):
    return np.abs(painted.astype(int) - truth)


@pytest.mark.usefixtures("no_interreflection")
@pytest.mark.parametrize("new", NEW)
@pytest.mark.parametrize("old", OLD)
def test_a_diffuse_wall_shows_its_new_paint_times_its_light(old, new, open_room):
    looked_at, truth = open_room(room(old)), room(new)
    pure = looked_at.region.is_pure
    painted = paint_albedo(looked_at.engine_room.light, aim_of(truth, pure))
    assert off(painted, truth)[pure].max() <= 2
    assert off(painted, truth)[pure].mean() < 0.6


@pytest.mark.usefixtures("no_interreflection")
@pytest.mark.parametrize("new", NEW[-2:])
def test_mixed_pixels_show_the_new_paint_in_proportion(new, open_room):
    looked_at, truth = open_room(room(BEIGE)), room(new)
    painted = paint_albedo(looked_at.engine_room.light, aim_of(truth, looked_at.region.is_pure))
    rows, columns = looked_at.region.mixed.rows, looked_at.region.mixed.columns
    assert off(painted, truth)[rows, columns].max() <= 4
    assert off(painted, truth)[rows, columns].mean() < 0.6
    assert off(room(BEIGE), truth)[rows, columns].max() > 8


@pytest.mark.usefixtures("no_interreflection")
@pytest.mark.parametrize("new", [(0.1, 0.12, 0.2), (0.05, 0.05, 0.05), (0.3, 0.3, 0.3)])
def test_the_new_paint_keeps_the_lights_slowly_varying_tint(new, open_room):
    _, x = grid()
    warm = even_falloff() * np.stack([1 + 0 * x, 1 - 0.06 * x / 240, 1 - 0.15 * x / 240], axis=-1)
    looked_at, truth = open_room(room((0.3, 0.3, 0.3), warm)), room(new, warm)
    pure = looked_at.region.is_pure
    painted = paint_albedo(looked_at.engine_room.light, aim_of(truth, pure))

    def reddening(picture):
        """How much redder, in ln, the wall is on the right than on the left."""
        light = srgb_to_linear(picture / 255.0)
        left, right = (light[5:25, span].mean(axis=(0, 1)) for span in (slice(0, 30), slice(210, 240)))
        return float(np.log(right[0] / right[2]) - np.log(left[0] / left[2]))

    assert reddening(truth) > 0.08
    assert reddening(painted) == pytest.approx(reddening(truth), rel=0.35)
    assert off(painted, truth)[pure].mean() < 1.5


@pytest.mark.parametrize("new", NEW)
def test_interreflection_changes_the_product_of_paint_and_light_little(new, open_room):
    looked_at, truth = open_room(room(BEIGE)), room(new)
    pure = looked_at.region.is_pure
    painted = paint_albedo(looked_at.engine_room.light, aim_of(truth, pure))
    assert off(painted, truth)[pure].max() <= 5


def test_shadows_get_lighter_under_pale_paint_and_darker_under_dark_paint(open_room):
    def depth(picture, pure):
        light = srgb_to_linear(picture / 255.0)[..., 1][pure]
        return np.log(np.quantile(light, 0.95) / np.quantile(light, 0.05))

    dark, pale = open_room(room(DARK_GREEN)), open_room(room((0.6, 0.6, 0.6)))
    pure = dark.region.is_pure
    assert depth(paint_albedo(dark.engine_room.light, np.full(3, 0.6)), pure) < 0.98 * depth(dark.pixels, pure)
    assert depth(paint_albedo(pale.engine_room.light, np.full(3, 0.05)), pure) > 1.02 * depth(pale.pixels, pure)


@pytest.mark.parametrize("aim", [(0.9, 0.88, 0.85), (0.6, 0.1, 0.05), (0.8, 0.8, 0.1)])
def test_no_new_pixel_clips(aim, open_room):
    looked_at = open_room(room(DARK_GREEN))
    pure = looked_at.region.is_pure
    painted = paint_albedo(looked_at.engine_room.light, np.array(aim))
    assert (painted[pure] == 255).mean() < 0.01
    strongest = int(np.argmax(aim))
    assert len(np.unique(painted[pure][:, strongest])) > 12  # the bright half of the wall is not pressed flat


def test_a_colour_does_not_depend_on_those_painted_before(open_room):
    looked_at = open_room(room(BEIGE))
    before = paint_albedo(looked_at.engine_room.light, np.array([0.2, 0.3, 0.4]))
    paint_albedo(looked_at.engine_room.light, np.ones(3))
    np.testing.assert_array_equal(paint_albedo(looked_at.engine_room.light, np.array([0.2, 0.3, 0.4])), before)


def test_a_pattern_of_zeros_is_plain_paint(open_room):
    looked_at = open_room(room(BEIGE))
    height, width = looked_at.engine_room.light.log_light[0].shape
    plain, patterned = (
        paint_albedo(looked_at.engine_room.light, np.array([0.05, 0.1, 0.2]), pattern)
        for pattern in (None, np.zeros((3, height, width), np.int16))
    )
    np.testing.assert_array_equal(patterned, plain)


def test_a_pattern_multiplies_light(open_room):
    looked_at = open_room(room(BEIGE))
    pure = looked_at.region.is_pure
    height, width = looked_at.engine_room.light.log_light[0].shape
    half = np.full((3, height, width), round(4096 * np.log(0.5)), np.int16)
    painted = paint_albedo(looked_at.engine_room.light, np.array([0.2, 0.2, 0.2]), half)
    plain = paint_albedo(looked_at.engine_room.light, np.array([0.2, 0.2, 0.2]))
    halved = to_bytes(srgb_to_linear(plain / 255.0) / 2)
    assert off(painted, halved)[pure].max() <= 1
