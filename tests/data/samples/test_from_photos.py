"""A photo cut to a sample."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.data import PhotoAugmentation, draw_photo
from wallpaint.data.storage.pictures import Pictures
from wallpaint.errors import SettingError


@pytest.fixture
def pictures(room_pixels, wall_alpha):
    depth = np.linspace(0.2, 0.6, wall_alpha.size, dtype=np.float32).reshape(wall_alpha.shape)
    return Pictures(room_pixels, wall_alpha, depth)


def test_windows_of_a_wide_photo_hold_wall_and_more(pictures):
    for seed in range(20):
        shot = draw_photo(pictures, 64, PhotoAugmentation(), np.random.default_rng(seed))
        assert 0.05 <= (shot.mask > 0.5).mean() <= 0.95


def test_the_depth_of_a_crop_is_stretched_anew(pictures):
    shot = draw_photo(pictures, 64, PhotoAugmentation(), np.random.default_rng(0))
    assert (shot.depth.min(), shot.depth.max()) == (0, 1)


def test_a_photo_without_depth_has_none(pictures):
    without = Pictures(pictures.image, pictures.mask, None)
    assert draw_photo(without, 64, PhotoAugmentation(), np.random.default_rng(0)).depth is None


def test_a_photo_of_the_samples_size_keeps_its_bytes(pictures):
    square = Pictures(pictures.image[:, :160], pictures.mask[:, :160], None)
    shot = draw_photo(square, 160, PhotoAugmentation(0, min_crop=1, mirror_prob=0), np.random.default_rng(0))
    np.testing.assert_array_equal(shot.target, square.image)


def test_reducing_a_photo_averages_its_light():
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    shot = draw_photo(
        Pictures(stripes, np.tri(128, dtype=np.float32), None), 64, PhotoAugmentation(0, 1, 0), np.random.default_rng(0)
    )
    assert set(np.unique(shot.source)) == {188}  # half the light of white, in sRGB


def test_a_repainted_wall_is_in_the_paint_drawn(pictures):
    shot = draw_photo(pictures, 96, PhotoAugmentation(random_color_prob=1), np.random.default_rng(3))
    median = np.median(shot.target[shot.mask > 0.5], axis=0)
    np.testing.assert_allclose(median, shot.paint.rgb8, atol=1)


@pytest.mark.parametrize("name", ["random_color_prob", "min_crop", "mirror_prob", "mismatched_color_prob"])
def test_shares_outside_their_range_are_refused(name):
    with pytest.raises(SettingError, match=name):
        PhotoAugmentation(**{name: 1.5})


def test_samples_too_small_for_a_wall_are_refused(pictures):
    with pytest.raises(SettingError, match="63"):
        draw_photo(pictures, 63, PhotoAugmentation(), np.random.default_rng(0))
