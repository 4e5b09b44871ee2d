"""Cameras and segmenters: known values, invariants, seeds."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.color import linear_to_srgb
from wallpaint.photo import linear_to_bytes
from wallpaint.rooms import Camera, Phone, degrade_mask
from wallpaint.rooms.camera import through_jpeg


@pytest.fixture
def ramp():
    return np.broadcast_to(np.linspace(0.02, 0.9, 64, dtype=np.float32)[None, :, None], (48, 64, 3))


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_perfect_camera_only_encodes(ramp):
    expected = np.round(linear_to_srgb(np.asarray(ramp, np.float64)) * 255)
    np.testing.assert_allclose(Camera().apply(ramp, rng()), expected, atol=1)


def test_the_same_seed_takes_the_same_picture(ramp):
    camera = Camera.draw(rng(3))
    assert camera == Camera.draw(rng(3))
    np.testing.assert_array_equal(camera.apply(ramp, rng(1)), camera.apply(ramp, rng(1)))
    assert (camera.apply(ramp, rng(1)) != camera.apply(ramp, rng(2))).any()


def test_vignette_spares_the_middle_and_takes_its_share_in_the_corners():
    falloff = Camera(vignette=0.3).falloff(201, 201)
    assert falloff[100, 100] == pytest.approx(1)
    assert falloff[0, 0] == pytest.approx(0.7, abs=0.01)


def test_shot_noise_grows_as_the_root_of_the_signal():
    camera = Camera(full_well=1000)
    grey = [np.full((200, 200, 3), level, np.float32) for level in (0.2, 0.4)]
    from wallpaint.color import srgb_to_linear

    spread = [srgb_to_linear(camera.apply(level, rng()) / 255).std() for level in grey]
    assert spread[0] == pytest.approx(np.sqrt(0.2 / 1000), rel=0.05)
    assert spread[1] / spread[0] == pytest.approx(np.sqrt(2), rel=0.05)


def test_noise_has_no_bias_in_linear_light():
    from wallpaint.color import srgb_to_linear

    picture = Camera(full_well=2000, read_noise=0.002).apply(np.full((200, 200, 3), 0.3, np.float32), rng())
    assert srgb_to_linear(picture / 255).mean() == pytest.approx(0.3, rel=0.005)


@pytest.mark.parametrize(("error", "warmer"), [(400, True), (-400, False)])
def test_balancing_for_bluer_light_turns_the_picture_warm(error, warmer):
    red, green, blue = Camera(white_balance=error).balance_gains()
    assert green == 1
    assert bool(red > 1 > blue) is warmer


def test_white_balance_error_of_nothing_changes_nothing():
    np.testing.assert_allclose(Camera().balance_gains(), 1)


@pytest.mark.parametrize("contrast", [-1, -0.3, 0.5, 1])
def test_the_tone_curve_is_monotonic_and_keeps_black_grey_and_white(contrast):
    x = np.linspace(0, 1, 256)
    curve = Camera(contrast=contrast).tone(x)
    assert (np.diff(curve) >= -1e-12).all()
    np.testing.assert_allclose(Camera(contrast=contrast).tone(np.array([0, 0.5, 1])), [0, 0.5, 1])


def test_blur_keeps_the_light(ramp):
    flat = np.full((32, 32, 3), 0.4, np.float32)
    np.testing.assert_array_equal(Camera(blur=2).apply(flat, rng()), Camera().apply(flat, rng()))


def test_jpeg_comes_back_in_the_same_shape():
    picture = rng().integers(0, 256, (33, 47, 3)).astype(np.uint8)
    back = through_jpeg(picture, 90)
    assert back.shape == picture.shape
    assert back.dtype == np.uint8


def test_drawn_cameras_stay_in_their_ranges():
    cameras = [Camera.draw(rng(seed)) for seed in range(200)]
    assert all(80 <= camera.jpeg_quality <= 95 and abs(camera.white_balance) <= 400 for camera in cameras)
    assert all(0 <= camera.vignette <= 0.3 and camera.full_well > 0 for camera in cameras)


def disc():
    y, x = np.mgrid[:160, :160]
    return np.clip(50 - np.hypot(y - 80, x - 80) + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_a_segmenters_mask_is_hard_and_off_by_a_few_pixels(seed):
    alpha = disc()
    mask = degrade_mask(alpha, rng(seed))
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) == {0.0, 1.0}
    y, x = np.mgrid[:160, :160]
    radius = np.hypot(y - 80, x - 80)
    wrong = (mask > 0.5) != (alpha > 0.5)
    assert wrong.any()
    assert np.abs(radius[wrong] - 50).max() < 5


def test_a_segmenters_mask_repeats_with_its_seed():
    np.testing.assert_array_equal(degrade_mask(disc(), rng(4)), degrade_mask(disc(), rng(4)))
    assert (degrade_mask(disc(), rng(4)) != degrade_mask(disc(), rng(5))).any()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_mask_without_edge_stays_as_it_is(value):
    np.testing.assert_array_equal(degrade_mask(np.full((40, 40), value, np.float32), rng()), value)


def test_a_phone_without_faults_only_encodes(room):
    linear = room.render(np.full(3, 0.4))
    picture = Phone().apply(linear, np.random.default_rng(0))
    np.testing.assert_allclose(picture.astype(int), linear_to_bytes(np.clip(linear, 0, 1)).astype(int), atol=1)


def test_phones_follow_from_their_generator(room):
    linear = room.render(np.full(3, 0.4))
    for seed in range(30):
        phone = Phone.draw(np.random.default_rng(seed))
        one, same = (phone.apply(linear, np.random.default_rng(seed)) for _ in range(2))
        assert one.shape == linear.shape
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, same)


def test_sharpening_leaves_halos_and_smoothing_takes_noise():
    edge = np.full((40, 40, 3), 0.2, np.float32)
    edge[:, 20:] = 0.5
    sharp = Phone(sharpening=1.5).apply(edge, np.random.default_rng(0)).astype(int)
    plain = Phone().apply(edge, np.random.default_rng(0)).astype(int)
    assert sharp[20, 20, 0] > plain[20, 20, 0] + 10
    assert sharp[20, 19, 0] < plain[20, 19, 0] - 10
    noisy = Phone(noise=0.05).apply(edge, np.random.default_rng(0))
    smooth = Phone(noise=0.05, smoothing=1.0).apply(edge, np.random.default_rng(0))
    assert smooth[:, :15].std() < 0.6 * noisy[:, :15].std()


def test_bloom_brightens_what_is_beside_a_window():
    light = np.full((60, 60, 3), 0.1, np.float32)
    light[20:40, 20:40] = 5
    dark, bloomed = (Phone(bloom=share).apply(light, np.random.default_rng(0)) for share in (0.0, 0.2))
    assert bloomed[30, 17, 0] > dark[30, 17, 0] + 5
