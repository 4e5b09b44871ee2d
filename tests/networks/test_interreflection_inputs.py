import numpy as np
import pytest

from wallpaint.networks.interreflection_inputs import CHANNELS, median_wall_light, network_input


@pytest.fixture
def picture():
    light = np.random.default_rng(0).uniform(0.05, 0.4, (32, 48, 3))
    share = np.zeros((32, 48), np.float32)
    share[:20, 10:40] = 1
    return light, share


def test_maps_lie_within_minus_two_and_two(picture):
    maps = network_input(*picture)
    assert maps.shape == (CHANNELS, 32, 48)
    assert maps.dtype == np.float32
    assert np.abs(maps).max() <= 2


def test_light_relative_to_the_wall_does_not_depend_on_exposure(picture):
    light, share = picture
    np.testing.assert_allclose(network_input(light, share)[3:6], network_input(2 * light, share)[3:6], atol=1e-5)


def test_the_walls_light_is_its_median(picture):
    light, share = picture
    np.testing.assert_allclose(
        median_wall_light(light, share), np.median(light[:20, 10:40].reshape(-1, 3), axis=0), rtol=1e-6
    )


def test_a_wall_of_partial_pixels_has_a_median(picture):
    light, share = picture
    assert np.isfinite(network_input(light, 0.3 * share)).all()


def test_distance_is_zero_on_the_wall_and_grows_away_from_it(picture):
    distance = network_input(*picture)[-1]
    assert distance[:20, 10:40].max() == 0
    assert (np.diff(distance[19:, 20]) >= 0).all()
    assert distance[31, 20] > 0.9


def test_a_picture_that_is_all_wall_has_inputs(picture):
    light, share = picture
    assert network_input(light, np.ones_like(share))[-1].max() == 0
