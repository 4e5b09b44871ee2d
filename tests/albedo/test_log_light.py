import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wallpaint.albedo.log_light import (
    CODE_COUNT,
    CODES_PER_NEPER,
    LOG_OF_CODE,
    UNIT_CODE,
    encode_shift,
    quantile_code,
    shifted,
)
from wallpaint.color import srgb_to_linear


def test_the_code_of_one_is_light_one():
    assert LOG_OF_CODE.shape == (CODE_COUNT,)
    assert LOG_OF_CODE[UNIT_CODE] == 0
    assert LOG_OF_CODE[UNIT_CODE + CODES_PER_NEPER] == 1


def test_codes_reach_from_e_to_the_minus_nine_to_e_to_the_seven():
    assert LOG_OF_CODE[0] == -9
    assert LOG_OF_CODE[-1] == pytest.approx(7, abs=1e-3)


def test_codes_are_far_finer_than_bytes():
    light = np.log(srgb_to_linear(np.arange(1, 256) / 255))
    assert np.diff(light).min() > 16 / CODES_PER_NEPER


@given(st.floats(-7.9, 7.9))
def test_adding_a_shift_multiplies_light(log_factor):
    shift = encode_shift(np.array([[log_factor]]))
    assert shift.dtype == np.int16
    code = np.full((1, 1), UNIT_CODE, np.uint16)
    moved = int(shifted(code, shift, 1.0)[0, 0])
    assert LOG_OF_CODE[min(moved, CODE_COUNT - 1)] == pytest.approx(min(log_factor, LOG_OF_CODE[-1]), abs=2e-4)


def test_a_shift_too_large_saturates():
    assert encode_shift(np.array([-100.0, 100.0])).tolist() == [-32768, 32767]


@pytest.mark.parametrize(
    ("code", "shift", "share", "sum_"), [(60000, 30000, 1, 65535), (100, -200, 1, 0), (9, 8, 0.5, 13)]
)
def test_shifted_codes_stay_within_sixteen_bits(code, shift, share, sum_):
    codes = shifted(np.full((2, 3), code, np.uint16), np.full((2, 3), shift, np.int16), share)
    assert codes.dtype == np.uint16
    assert (codes == sum_).all()


@given(
    arrays(np.uint16, (5, 6)),
    arrays(np.uint8, (5, 6), elements=st.sampled_from([0, 1, 255])).filter(lambda where: where.any()),
    st.sampled_from([0.25, 0.5, 0.98, 0.9999]),
)
def test_a_quantile_is_a_code_that_occurs(codes, where, quantile):
    expected = np.quantile(codes[where > 0], quantile, method="inverted_cdf")
    assert quantile_code(codes, where, quantile) == expected


def test_the_quantile_is_the_median_unless_said():
    codes = np.array([[7, 40000, 9, 65535, 1]], np.uint16)
    assert quantile_code(codes, np.array([[1, 1, 1, 1, 0]], np.uint8)) == 9
