import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wallpaint.albedo.log_light import (
    LN_OF_LOG_LIGHT,
    LOG_LIGHT_COUNT,
    LOG_LIGHT_OF_ONE,
    STEPS_PER_NEPER,
    add_log_factor,
    encode_log_factor,
    quantile_log_light,
)
from wallpaint.color import srgb_to_linear


def test_light_one_has_its_place_on_the_scale():
    assert LN_OF_LOG_LIGHT.shape == (LOG_LIGHT_COUNT,)
    assert LN_OF_LOG_LIGHT[LOG_LIGHT_OF_ONE] == 0
    assert LN_OF_LOG_LIGHT[LOG_LIGHT_OF_ONE + STEPS_PER_NEPER] == 1


def test_the_scale_reaches_from_e_to_the_minus_nine_to_e_to_the_seven():
    assert LN_OF_LOG_LIGHT[0] == -9
    assert LN_OF_LOG_LIGHT[-1] == pytest.approx(7, abs=1e-3)


def test_the_scale_is_far_finer_than_bytes():
    light = np.log(srgb_to_linear(np.arange(1, 256) / 255))
    assert np.diff(light).min() > 16 / STEPS_PER_NEPER


@given(st.floats(-7.9, 7.9))
def test_adding_a_log_factor_multiplies_light(log_factor):
    shift = encode_log_factor(np.array([[log_factor]]))
    assert shift.dtype == np.int16
    value = np.full((1, 1), LOG_LIGHT_OF_ONE, np.uint16)
    moved = int(add_log_factor(value, shift, 1.0)[0, 0])
    assert LN_OF_LOG_LIGHT[min(moved, LOG_LIGHT_COUNT - 1)] == pytest.approx(
        min(log_factor, LN_OF_LOG_LIGHT[-1]), abs=2e-4
    )


def test_a_log_factor_too_large_saturates():
    assert encode_log_factor(np.array([-100.0, 100.0])).tolist() == [-32768, 32767]


@pytest.mark.parametrize(
    ("value", "shift", "share", "sum_"), [(60000, 30000, 1, 65535), (100, -200, 1, 0), (9, 8, 0.5, 13)]
)
def test_sums_stay_within_sixteen_bits(value, shift, share, sum_):
    log_light = add_log_factor(np.full((2, 3), value, np.uint16), np.full((2, 3), shift, np.int16), share)
    assert log_light.dtype == np.uint16
    assert (log_light == sum_).all()


@given(
    arrays(np.uint16, (5, 6)),
    arrays(np.uint8, (5, 6), elements=st.sampled_from([0, 1, 255])).filter(lambda where: where.any()),
    st.sampled_from([0.25, 0.5, 0.98, 0.9999]),
)
def test_a_quantile_is_a_value_that_occurs(log_light, where, quantile):
    expected = np.quantile(log_light[where > 0], quantile, method="inverted_cdf")
    assert quantile_log_light(log_light, where, quantile) == expected


def test_the_quantile_is_the_median_by_default():
    log_light = np.array([[7, 40000, 9, 65535, 1]], np.uint16)
    assert quantile_log_light(log_light, np.array([[1, 1, 1, 1, 0]], np.uint8)) == 9
