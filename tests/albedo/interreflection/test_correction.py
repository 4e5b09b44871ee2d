import dataclasses

import cv2
import numpy as np
import pytest

from wallpaint.albedo.interreflection.correction import BIAS
from wallpaint.albedo.light import read_light
from wallpaint.albedo.log_light import STEPS_PER_NEPER
from wallpaint.albedo.subsample import draw_subsample
from wallpaint.albedo.tone_response import ClosedFormInterreflection

NO_RETURN = ClosedFormInterreflection(0.0, 0.0)  # a closed form that predicts no interreflection


@pytest.fixture(scope="module")
def light(room_pixels, region, uniform_prediction):
    deep = uniform_prediction.q.copy()
    deep[:, :, 64:] = 0.6
    return read_light(room_pixels, region, dataclasses.replace(uniform_prediction, q=deep))


def shift_of(correction, change, shape, old=0.4, new=0.8):
    return correction.shift(1, change, NO_RETURN, old, new, shape).astype(int) - BIAS


def test_the_old_paint_shifts_nothing(light):
    shape = light.log_light[0].shape
    assert (light.correction.shift(0, 1.0, light.interreflection, 0.5, 0.5, shape) == BIAS).all()


def test_pale_paint_brightens_places_where_more_light_returns(light):
    shape = light.log_light[0].shape
    shift = shift_of(light.correction, 2.0, shape)
    assert shift.shape == shape
    assert shift[80, -20] > 0 > shift[80, 20]


def test_the_shift_is_the_formula_limited_to_12_percent(light):
    correction, change = light.correction, 0.3
    middle = float(correction.mean_q[1])
    g = change / (1 - middle + middle * change)
    returns = np.log((1 - 0.6) / (1 - 0.6 * g)) - np.log((1 - middle) / (1 - middle * g))
    held = 0.12 * np.tanh(returns / 0.12)  # the limit of the correction
    assert shift_of(correction, change, light.log_light[0].shape)[80, -20] == pytest.approx(
        STEPS_PER_NEPER * held, abs=2
    )


def test_values_predicted_for_objects_leave_no_halo_on_the_wall(room_pixels, region, uniform_prediction):
    near_objects = cv2.dilate(uniform_prediction.non_wall, np.ones((3, 3))) > 0
    halos = dataclasses.replace(uniform_prediction, q=np.where(near_objects, np.float32(0.02), uniform_prediction.q))
    light = read_light(room_pixels, region, halos)
    shift = shift_of(light.correction, 3.0, light.log_light[0].shape)
    assert np.ptp(shift[region.is_pure[region.window]]) < 0.01 * STEPS_PER_NEPER


def test_there_is_no_correction_where_the_confidence_is_zero(room_pixels, region, uniform_prediction):
    unreliable = dataclasses.replace(uniform_prediction, error=np.full_like(uniform_prediction.error, 2.0))
    assert read_light(room_pixels, region, unreliable).correction is None


def test_at_zero_confidence_the_closed_form_stays(light):
    unconfident = dataclasses.replace(light.correction, confidence=np.zeros_like(light.correction.confidence))
    assert (unconfident.shift(0, 3.0, light.interreflection, 0.2, 0.6, light.log_light[0].shape) == BIAS).all()


def test_a_subsample_has_the_same_correction(light):
    sample = draw_subsample(light)
    shape = sample.light.log_light[0].shape
    shift = shift_of(sample.light.correction, 2.0, shape)
    assert shift.shape == shape
    whole = shift_of(light.correction, 2.0, light.log_light[0].shape)[sample.rows, sample.columns]
    assert np.abs(shift[0] - whole).mean() < 0.05 * np.ptp(whole)


def test_without_a_prediction_there_is_no_correction(room_pixels, region):
    assert read_light(room_pixels, region).correction is None
