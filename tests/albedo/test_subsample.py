import cv2
import numpy as np
import pytest
from synthetic_room import BEIGE, DARK_GREEN, HEIGHT, WIDTH, room, wall_alpha

from wallpaint import Color, Repainter, TextureSample
from wallpaint.albedo import draw_subsample, lay_pattern, lock_color, paint_albedo, read_light
from wallpaint.albedo import subsample as module
from wallpaint.reference import wall_median


def enlarged(picture, times):
    return cv2.resize(picture, (WIDTH * times, HEIGHT * times), interpolation=cv2.INTER_LINEAR)


def opened(paint=BEIGE, noise=2.0, times=3):
    """A room large enough that a sample is a part of it."""
    return Repainter().open(enlarged(room(paint, noise=noise), times), enlarged(wall_alpha().astype(np.float32), times))


def aimed(light, color, pattern=None):
    """The aim that the lock finds, in bytes."""
    reference = np.array(Color.from_rgb8(color).srgb) if isinstance(color, tuple) else color
    return 255 * lock_color(lambda aim: paint_albedo(light, aim, pattern), reference, light.region.is_wall).aim


@pytest.fixture(scope="module")
def beige():
    return opened()


@pytest.fixture
def sparse(monkeypatch):
    """Subsamples of few pixels, so that small walls have more."""
    monkeypatch.setattr(module, "_COUNT", 4000)


@pytest.mark.parametrize("color", [(242, 239, 230), (185, 160, 140), (47, 72, 88), (193, 68, 14), (27, 27, 27)])
@pytest.mark.parametrize(("paint", "noise"), [(BEIGE, 2.0), (DARK_GREEN, 3.0)], ids=["beige", "dark"])
def test_the_subsamples_aim_is_the_whole_walls_within_a_byte(paint, noise, color):
    light = opened(paint, noise).engine_room.light
    np.testing.assert_allclose(aimed(draw_subsample(light).light, color), aimed(light, color), atol=1)


def test_a_subsample_is_a_photo_one_pixel_high_of_nothing_but_wall(beige):
    sample = draw_subsample(beige.engine_room.light)
    count = len(sample.rows)
    assert 50_000 < count < 70_000
    assert sample.light.pixels.shape == (1, count, 3)
    assert sample.light.region.is_wall.all()
    assert {plane.shape for plane in sample.light.log_light} == {(1, count)}


def test_a_subsample_is_deterministic(beige):
    first, again = draw_subsample(beige.engine_room.light), draw_subsample(read_light(beige.pixels, beige.region))
    np.testing.assert_array_equal(first.rows, again.rows)
    np.testing.assert_array_equal(first.columns, again.columns)
    np.testing.assert_array_equal(first.light.mixed.alpha, again.light.mixed.alpha)


def test_every_pixel_of_a_subsample_is_the_photos_at_its_place(beige, sparse):
    light, sample = beige.engine_room.light, draw_subsample(beige.engine_room.light)
    window = light.region.window
    places = (sample.rows, sample.columns)
    assert light.region.is_wall[window][places].all()
    np.testing.assert_array_equal(sample.light.pixels[0], light.pixels[window][places])
    np.testing.assert_array_equal(sample.light.region.alpha[0], light.region.alpha[window][places])
    np.testing.assert_array_equal(sample.light.smoothing[0], light.smoothing[places])
    for drawn, whole in zip(sample.light.log_light, light.log_light, strict=True):
        np.testing.assert_array_equal(drawn[0], whole[places])


def test_mixed_pixels_are_drawn_in_proportion(beige):
    region, sample = beige.region, draw_subsample(beige.engine_room.light)
    mixed = region.is_wall & (region.alpha < 1)
    due = mixed.sum() / region.is_wall.sum()
    assert 0.02 < due < 0.5
    assert len(sample.light.mixed) / len(sample.rows) == pytest.approx(due, rel=0.08)
    strip = sample.light.region.alpha[0]
    np.testing.assert_array_equal(np.flatnonzero(strip < 1), sample.light.mixed.columns)
    np.testing.assert_array_equal(strip[sample.light.mixed.columns], sample.light.mixed.alpha)


def test_pixels_are_drawn_from_all_over_the_wall(beige, sparse):
    sample = draw_subsample(beige.engine_room.light)
    drawn = np.histogram2d(sample.rows, sample.columns, 6)[0]
    rows, columns = np.nonzero(beige.region.is_wall[beige.region.window])
    whole = np.histogram2d(rows, columns, 6)[0]
    np.testing.assert_allclose(drawn / drawn.sum(), whole / whole.sum(), atol=0.012)


def test_a_pattern_is_taken_at_the_same_places(beige, sparse):
    texture = TextureSample(np.random.default_rng(0).integers(40, 200, (20, 30, 3)).astype(np.uint8))
    whole = lay_pattern(texture, beige.region, None, 4.0)
    sample = draw_subsample(beige.engine_room.light)
    gathered = sample.pattern(whole)
    assert gathered.shape == (3, 1, len(sample.rows))
    for number in (0, len(sample.rows) // 2, len(sample.rows) - 1):
        place = (sample.rows[number], sample.columns[number])
        np.testing.assert_array_equal(gathered[:, 0, number], whole[(slice(None), *place)])
    assert sample.pattern(None) is None


def test_a_pattern_has_the_same_aim_on_the_subsample(beige):
    texture = TextureSample(np.random.default_rng(1).integers(90, 180, (24, 24, 3)).astype(np.uint8))
    whole, sample = lay_pattern(texture, beige.region, None, 4.0), draw_subsample(beige.engine_room.light)
    color = texture.color.rgb8
    sampled = aimed(sample.light, color, sample.pattern(whole))
    np.testing.assert_allclose(sampled, aimed(beige.engine_room.light, color, whole), atol=2)


def test_a_small_wall_is_drawn_whole():
    small = opened(times=1)
    sample = draw_subsample(small.engine_room.light)
    painted = small.region.is_wall & (small.region.alpha > 0)
    assert len(sample.rows) == painted.sum()
    color = (47, 72, 88)
    np.testing.assert_array_equal(aimed(sample.light, color), aimed(small.engine_room.light, color))


@pytest.mark.parametrize("far", [1, 19, 22, 60])
def test_both_pixels_of_a_wall_of_two_are_drawn(far):
    mask = np.zeros((120, 120), bool)
    mask[0, 0] = mask[far, far] = True
    looked_at = Repainter(edges="hard").open(np.full((120, 120, 3), 150, np.uint8), mask)
    assert sorted(draw_subsample(looked_at.engine_room.light).rows) == [0, far]
    np.testing.assert_array_equal(wall_median(looked_at.paint("#336699").image, mask), (51, 102, 153))
