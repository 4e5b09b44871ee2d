import cv2
import numpy as np
import pytest
from synthetic_room import BEIGE, DARK_GREEN, HEIGHT, WIDTH, room, wall_alpha

from wallpaint import Color, Repainter, TextureSample
from wallpaint.albedo import lay_pattern, lock_color, paint_albedo, read_light, rehearse
from wallpaint.albedo import subsample as module
from wallpaint.reference import wall_median


def enlarged(picture, times):
    return cv2.resize(picture, (WIDTH * times, HEIGHT * times), interpolation=cv2.INTER_LINEAR)


def opened(paint=BEIGE, noise=2.0, times=3):
    """A room large enough that a rehearsal is a part of it."""
    return Repainter().open(enlarged(room(paint, noise=noise), times), enlarged(wall_alpha().astype(np.float32), times))


def aimed(light, color, pattern=None):
    """The aim the lock finds, in bytes."""
    reference = np.array(Color.from_rgb8(color).srgb) if isinstance(color, tuple) else color
    return 255 * lock_color(lambda aim: paint_albedo(light, aim, pattern), reference, light.region.is_wall).aim


@pytest.fixture(scope="module")
def beige():
    return opened()


@pytest.fixture
def sparse(monkeypatch):
    """Rehearsals of few pixels, so that small walls have more than enough."""
    monkeypatch.setattr(module, "_ENOUGH", 4000)


@pytest.mark.parametrize("color", [(242, 239, 230), (185, 160, 140), (47, 72, 88), (193, 68, 14), (27, 27, 27)])
@pytest.mark.parametrize(("paint", "noise"), [(BEIGE, 2.0), (DARK_GREEN, 3.0)], ids=["beige", "dark"])
def test_the_rehearsed_aim_is_the_whole_walls_within_a_byte(paint, noise, color):
    light = opened(paint, noise).engine_room.light
    np.testing.assert_allclose(aimed(rehearse(light).light, color), aimed(light, color), atol=1)


def test_a_rehearsal_is_a_photo_one_pixel_high_of_nothing_but_wall(beige):
    rehearsal = rehearse(beige.engine_room.light)
    count = len(rehearsal.rows)
    assert 50_000 < count < 70_000
    assert rehearsal.light.pixels.shape == (1, count, 3)
    assert rehearsal.light.region.is_wall.all()
    assert {plane.shape for plane in rehearsal.light.codes} == {(1, count)}


def test_a_rehearsal_is_always_the_same(beige):
    first, again = rehearse(beige.engine_room.light), rehearse(read_light(beige.pixels, beige.region))
    np.testing.assert_array_equal(first.rows, again.rows)
    np.testing.assert_array_equal(first.columns, again.columns)
    np.testing.assert_array_equal(first.light.mixed.alpha, again.light.mixed.alpha)


def test_every_pixel_of_a_rehearsal_is_the_one_at_its_place(beige, sparse):
    light, rehearsal = beige.engine_room.light, rehearse(beige.engine_room.light)
    window = light.region.window
    places = (rehearsal.rows, rehearsal.columns)
    assert light.region.is_wall[window][places].all()
    np.testing.assert_array_equal(rehearsal.light.pixels[0], light.pixels[window][places])
    np.testing.assert_array_equal(rehearsal.light.region.alpha[0], light.region.alpha[window][places])
    np.testing.assert_array_equal(rehearsal.light.smoothing[0], light.smoothing[places])
    for drawn, whole in zip(rehearsal.light.codes, light.codes, strict=True):
        np.testing.assert_array_equal(drawn[0], whole[places])


def test_mixed_pixels_come_in_their_due_share(beige):
    region, rehearsal = beige.region, rehearse(beige.engine_room.light)
    mixed = region.is_wall & (region.alpha < 1)
    due = mixed.sum() / region.is_wall.sum()
    assert 0.02 < due < 0.5
    assert len(rehearsal.light.mixed) / len(rehearsal.rows) == pytest.approx(due, rel=0.08)
    strip = rehearsal.light.region.alpha[0]
    np.testing.assert_array_equal(np.flatnonzero(strip < 1), rehearsal.light.mixed.columns)
    np.testing.assert_array_equal(strip[rehearsal.light.mixed.columns], rehearsal.light.mixed.alpha)


def test_pixels_are_drawn_from_all_over_the_wall(beige, sparse):
    rehearsal = rehearse(beige.engine_room.light)
    drawn = np.histogram2d(rehearsal.rows, rehearsal.columns, 6)[0]
    rows, columns = np.nonzero(beige.region.is_wall[beige.region.window])
    whole = np.histogram2d(rows, columns, 6)[0]
    np.testing.assert_allclose(drawn / drawn.sum(), whole / whole.sum(), atol=0.012)


def test_a_pattern_is_gathered_at_the_same_places(beige, sparse):
    sample = TextureSample(np.random.default_rng(0).integers(40, 200, (20, 30, 3)).astype(np.uint8))
    whole = lay_pattern(sample, beige.region, None, 4.0)
    rehearsal = rehearse(beige.engine_room.light)
    gathered = rehearsal.pattern(whole)
    assert gathered.shape == (3, 1, len(rehearsal.rows))
    for number in (0, len(rehearsal.rows) // 2, len(rehearsal.rows) - 1):
        place = (rehearsal.rows[number], rehearsal.columns[number])
        np.testing.assert_array_equal(gathered[:, 0, number], whole[(slice(None), *place)])
    assert rehearsal.pattern(None) is None


def test_a_rehearsed_pattern_needs_the_aim_of_the_whole_one(beige):
    sample = TextureSample(np.random.default_rng(1).integers(90, 180, (24, 24, 3)).astype(np.uint8))
    whole, rehearsal = lay_pattern(sample, beige.region, None, 4.0), rehearse(beige.engine_room.light)
    color = sample.color.rgb8
    rehearsed = aimed(rehearsal.light, color, rehearsal.pattern(whole))
    np.testing.assert_allclose(rehearsed, aimed(beige.engine_room.light, color, whole), atol=2)


def test_all_of_a_small_wall_is_rehearsed():
    small = opened(times=1)
    rehearsal = rehearse(small.engine_room.light)
    painted = small.region.is_wall & (small.region.alpha > 0)
    assert len(rehearsal.rows) == painted.sum()
    color = (47, 72, 88)
    np.testing.assert_array_equal(aimed(rehearsal.light, color), aimed(small.engine_room.light, color))


@pytest.mark.parametrize("far", [1, 19, 22, 60])
def test_a_wall_of_two_pixels_far_apart_is_rehearsed(far):
    mask = np.zeros((120, 120), bool)
    mask[0, 0] = mask[far, far] = True
    looked_at = Repainter(edges="hard").open(np.full((120, 120, 3), 150, np.uint8), mask)
    assert sorted(rehearse(looked_at.engine_room.light).rows) == [0, far]
    np.testing.assert_array_equal(wall_median(looked_at.paint("#336699").image, mask), (51, 102, 153))
