"""Windows: within the picture, with wall in them, alike on every map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.data.samples.random_crop import RandomCrop


@pytest.fixture
def mask():
    wall = np.zeros((60, 80), np.float32)
    wall[:30, 20:70] = 1
    return wall


def test_without_augmentation_a_square_picture_stays_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    wall = np.tri(64, dtype=np.float32)
    view = RandomCrop.draw(wall, np.random.default_rng(1))
    np.testing.assert_array_equal(view.apply(picture, 64), picture)


@given(seed=st.integers(0, 10_000), min_crop=st.floats(0.1, 1))
@settings(max_examples=60, deadline=None)
def test_windows_lie_in_the_picture_and_hold_wall_and_more(seed, min_crop):
    wall = np.zeros((60, 80), np.float32)
    wall[:30, 20:70] = 1
    view = RandomCrop.draw(wall, np.random.default_rng(seed), min_crop, 0.5)
    window = wall[view.top : view.top + view.side, view.left : view.left + view.side]
    assert window.shape == (view.side, view.side)
    assert 0.05 <= window.mean() <= 0.95


def test_a_picture_without_wall_is_taken_from_its_middle():
    assert RandomCrop.draw(np.zeros((60, 80), np.float32), np.random.default_rng(0), 0.3) == RandomCrop(0, 10, 60)


def test_maps_stay_in_register(mask):
    view = RandomCrop(3, 7, 50, mirrored=True)
    picture = np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2)
    shown, alpha = view.apply(picture, 25), view.apply(mask, 25)
    np.testing.assert_allclose(shown[..., 0] / 255, alpha, atol=1 / 255)


def test_mirroring_twice_changes_nothing(mask):
    once = RandomCrop(0, 0, 60, mirrored=True).apply(mask, 60)
    np.testing.assert_array_equal(RandomCrop(0, 0, 60, mirrored=True).apply(once, 60), mask[:, :60])


def test_shrinking_keeps_the_light(mask):
    assert RandomCrop(0, 0, 60).apply(mask, 20).mean() == pytest.approx(mask[:, :60].mean(), rel=1e-5)


def test_half_of_the_views_are_mirrored_if_so_asked(mask):
    rng = np.random.default_rng(3)
    assert 60 < sum(RandomCrop.draw(mask, rng, mirror_prob=0.5).mirrored for _ in range(150)) < 90


def test_where_no_window_will_do_the_most_wall_is_taken():
    far_right = np.zeros((60, 200), np.float32)
    far_right[:2, 195:] = 1
    assert RandomCrop.draw(far_right, np.random.default_rng(0)) == RandomCrop(0, 140, 60)
    assert RandomCrop.draw(far_right.T, np.random.default_rng(0)) == RandomCrop(140, 0, 60)


def test_of_windows_with_equal_wall_the_middle_one_is_taken():
    assert RandomCrop.with_most_wall(np.ones((60, 200), np.float32), mirrored=True) == RandomCrop(0, 70, 60, True)


@given(shape=st.tuples(st.integers(65, 400), st.integers(65, 400)), size=st.integers(64, 128), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_resized_mask_stays_a_mask(shape, size, seed):
    wall = np.ones(shape, np.float32)
    wall[: shape[0] // 4] = np.random.default_rng(seed).random((shape[0] // 4, shape[1]), np.float32)
    resized = RandomCrop.centred(shape).apply(wall, size)
    assert 0 <= resized.min() <= resized.max() <= 1


def test_a_value_that_is_no_number_spoils_no_other():
    depth = np.linspace(0, 1, 128 * 128, dtype=np.float32).reshape(128, 128)
    depth[0, 0] = np.nan
    assert np.isnan(RandomCrop.centred((128, 128)).apply(depth, 64)).sum() == 1
