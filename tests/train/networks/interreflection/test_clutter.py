import numpy as np
import pytest

from wallpaint.train.networks.interreflection.clutter import add_clutter, reflectance_factors


@pytest.fixture
def maps():
    random = np.random.default_rng(0)
    maps = random.random((64, 64, 23)).astype(np.float32)
    rest = np.round(random.random((64, 64, 1))).astype(np.float32)
    maps[..., :1], maps[..., 10:11] = 1 - rest, rest
    maps[..., 11:20] = np.where(rest > 0, maps[..., 1:10], maps[..., 11:20])
    maps[..., 1:10] *= rest
    return maps


def test_only_pixels_outside_the_wall_change(maps):
    changed = add_clutter(maps, np.random.default_rng(1))
    wall = maps[..., 0] > 0
    np.testing.assert_allclose(changed[wall], maps[wall], atol=1e-6)
    assert np.abs(changed[~wall] - maps[~wall]).mean() > 0.02


def test_the_share_of_light_from_the_wall_stays(maps):
    changed = add_clutter(maps, np.random.default_rng(1))
    outside = maps[..., 10] > 0
    for channel in range(3):
        share = maps[outside][:, 14 + channel] / maps[outside][:, 11 + channel]
        np.testing.assert_allclose(
            changed[outside][:, 14 + channel] / changed[outside][:, 11 + channel], share, rtol=1e-4
        )


def test_factors_are_within_bounds_and_differ():
    random = np.random.default_rng(0)
    several = [reflectance_factors(32, random) for _ in range(20)]
    assert min(each.min() for each in several) >= 1 / 3.01
    assert max(each.max() for each in several) <= 3.01
    assert not np.allclose(several[0], several[1])
