import numpy as np
import pytest

from wallpaint.color import linear_to_srgb
from wallpaint.photo import FAINTEST, bytes_to_linear, linear_to_bytes


def test_every_byte_survives_the_round_trip():
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(linear_to_bytes(bytes_to_linear(every)), every)


def test_middle_grey_is_the_value_of_the_standard():
    light = bytes_to_linear(np.array([188], np.uint8))
    assert light == pytest.approx(0.5029, abs=1e-4)  # IEC 61966-2-1: ((188/255 + 0.055) / 1.055)^2.4


def test_light_is_rounded_to_the_nearest_byte_within_a_twentieth():
    light = np.random.default_rng(0).uniform(0, 1, 100_000) ** 2
    assert np.abs(linear_to_bytes(light) - 255 * linear_to_srgb(light)).max() <= 0.55


def test_light_out_of_range_is_clipped():
    np.testing.assert_array_equal(linear_to_bytes(np.array([-3.0, 7.0])), [0, 255])


def test_the_faintest_light_is_the_limit_of_black():
    np.testing.assert_array_equal(linear_to_bytes(np.array([0.9, 1.1]) * FAINTEST), [0, 1])
