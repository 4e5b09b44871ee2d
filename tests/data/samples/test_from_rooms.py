"""Shots: two paints, one camera, the same view of every map."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wallpaint.color import parse_color
from wallpaint.data import RoomAugmentation, draw_shot
from wallpaint.data.samples.random_crop import RandomCrop
from wallpaint.errors import SettingError
from wallpaint.rooms import Camera, starter_rooms

CLEAN = RoomAugmentation(wallpaper_prob=0, camera_prob=0, mask_degrade_prob=0)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_clean_shot_is_the_rooms_own_picture():
    room = starter_rooms()[1]
    shot = draw_shot(room, 256, CLEAN, rng())
    np.testing.assert_array_equal(shot.target, room.photo(shot.paint))
    np.testing.assert_array_equal(shot.source, room.photo(shot.old_paint))
    np.testing.assert_array_equal(shot.mask, room.alpha)


def test_source_and_target_are_taken_with_the_same_noise(make_room):
    shot = draw_shot(make_room(1), 64, CLEAN, rng())
    same = dataclasses.replace(
        shot, old_paint=shot.paint, camera=Camera(full_well=500, read_noise=0.01, jpeg_quality=85), noise_seed=3
    )
    np.testing.assert_array_equal(same.source, same.target)
    assert (same.target != shot.target).any()


def test_where_no_paint_light_falls_source_and_target_are_equal(make_room):
    room = make_room(1)
    dark = np.array(room.b)
    dark[:, 40:] = 0
    room = dataclasses.replace(room, b=dark, c=0.3 * dark)
    camera = Camera(full_well=500, read_noise=0.01, white_balance=300, vignette=0.2)
    shot = dataclasses.replace(draw_shot(room, 64, CLEAN, rng()), camera=camera)
    np.testing.assert_array_equal(shot.source[:, 40:], shot.target[:, 40:])
    assert (shot.source[:, :40] != shot.target[:, :40]).any()


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_wallpaper_is_the_source_as_often_as_stated(make_room, probability):
    recipe = dataclasses.replace(CLEAN, wallpaper_prob=probability)
    papered, plain = make_room(1, wallpaper=True), make_room(2)
    generator = rng(5)
    count = sum(draw_shot(papered, 64, recipe, generator).old_paint is None for _ in range(300))
    assert count / 300 == pytest.approx(probability, abs=0.08)
    assert all(draw_shot(plain, 64, recipe, generator).old_paint is not None for _ in range(20))


def test_a_papered_source_is_the_twins_picture():
    room = next(room for room in starter_rooms() if room.wallpaper is not None)
    shot = draw_shot(room, 256, dataclasses.replace(CLEAN, wallpaper_prob=1), rng())
    np.testing.assert_array_equal(shot.source, room.wallpaper_photo())


@pytest.mark.parametrize(("name", "of"), [("camera_prob", "camera"), ("mask_degrade_prob", "mask")])
def test_cameras_and_segmenters_come_as_often_as_stated(make_room, name, of):
    recipe, room, generator = dataclasses.replace(CLEAN, **{name: 0.4}), make_room(1), rng(2)
    shots = [draw_shot(room, 64, recipe, generator) for _ in range(200)]
    changed = [shot.camera is not None if of == "camera" else (shot.mask != room.alpha).any() for shot in shots]
    assert np.mean(changed) == pytest.approx(0.4, abs=0.1)


def test_views_move_all_maps_alike(make_room):
    room = make_room(1)
    shot = dataclasses.replace(draw_shot(room, 64, CLEAN, rng()), view=RandomCrop(8, 4, 48, mirrored=True), size=48)
    expected = room.photo(shot.paint)[8:56, 4:52][:, ::-1]
    np.testing.assert_array_equal(shot.target, expected)
    assert shot.depth.shape == (48, 48)


def test_resized_light_is_averaged_before_it_is_encoded(make_room):
    room = make_room(1)
    stripes = np.zeros_like(room.a)
    stripes[:, 40::2] = 1.0
    room = dataclasses.replace(room, a=stripes, b=0 * room.b, c=0 * room.c)
    shot = dataclasses.replace(draw_shot(room, 64, CLEAN, rng()), size=32)
    assert set(np.unique(shot.target[:, 22:])) == {parse_color("rgb(188,188,188)").rgb8[0]}  # half the light of white


def test_depth_is_between_nought_and_one_with_the_near_box_at_one(make_room):
    depth = draw_shot(make_room(1), 64, CLEAN, rng()).depth
    assert depth.min() == 0
    assert depth.max() == 1
    assert (depth[30:50, 10:20] == 1).all()


def test_the_same_draws_make_the_same_shot():
    room = starter_rooms()[1]
    one, other = (draw_shot(room, 64, RoomAugmentation(min_crop=0.5, mirror_prob=0.5), rng(4)) for _ in range(2))
    for name in ("target", "source", "mask", "depth"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("setting", [{"camera_prob": 1.2}, {"min_crop": 0.0}, {"wallpaper_prob": -0.1}])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(SettingError, match=next(iter(setting))):
        RoomAugmentation(**setting)


def test_samples_too_small_for_a_wall_are_refused(make_room):
    with pytest.raises(SettingError, match="64"):
        draw_shot(make_room(1), 32, CLEAN, rng())
