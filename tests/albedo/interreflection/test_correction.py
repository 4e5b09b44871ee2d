import dataclasses

import cv2
import numpy as np
import pytest

from wallpaint.albedo.interreflection.wall_interreflection import BIAS
from wallpaint.albedo.light import read_light
from wallpaint.albedo.log_light import CODES_PER_NEPER
from wallpaint.albedo.subsample import rehearse
from wallpaint.albedo.tone_response import Interreflection

DEAF = Interreflection(0.0, 0.0)  # an engine that guesses nothing of its own


@pytest.fixture(scope="module")
def light(room_pixels, region, even_answer):
    deep = even_answer.q.copy()
    deep[:, :, 64:] = 0.6
    return read_light(room_pixels, region, dataclasses.replace(even_answer, q=deep))


def shift_of(feedback, change, shape, old=0.4, new=0.8):
    return feedback.shift(1, change, DEAF, old, new, shape).astype(int) - BIAS


def test_the_old_paint_shifts_nothing(light):
    shape = light.codes[0].shape
    assert (light.feedback.shift(0, 1.0, light.interreflection, 0.5, 0.5, shape) == BIAS).all()


def test_under_paler_paint_fill_up_the_places_where_light_returns_often(light):
    shape = light.codes[0].shape
    shift = shift_of(light.feedback, 2.0, shape)
    assert shift.shape == shape
    assert shift[80, -20] > 0 > shift[80, 20]


def test_the_shift_is_the_formulas(light):
    feedback, change = light.feedback, 0.3
    middle = float(feedback.middle[1])
    g = change / (1 - middle + middle * change)
    returns = np.log((1 - 0.6) / (1 - 0.6 * g)) - np.log((1 - middle) / (1 - middle * g))
    held = 0.12 * np.tanh(returns / 0.12)  # it may not differ by more
    assert shift_of(feedback, change, light.codes[0].shape)[80, -20] == pytest.approx(CODES_PER_NEPER * held, abs=2)


def test_what_is_said_of_a_thing_leaves_no_halo_on_the_wall_around_it(room_pixels, region, even_answer):
    beside_things = cv2.dilate(even_answer.others, np.ones((3, 3))) > 0
    halos = dataclasses.replace(even_answer, q=np.where(beside_things, np.float32(0.02), even_answer.q))
    light = read_light(room_pixels, region, halos)
    shift = shift_of(light.feedback, 3.0, light.codes[0].shape)
    assert np.ptp(shift[region.is_pure[region.window]]) < 0.01 * CODES_PER_NEPER


def test_nobody_is_asked_where_nothing_is_believed(room_pixels, region, even_answer):
    nowhere = dataclasses.replace(even_answer, error=np.full_like(even_answer.error, 2.0))
    assert read_light(room_pixels, region, nowhere).feedback is None


def test_where_the_network_is_unsure_the_engines_own_guess_stays(light):
    unsure = dataclasses.replace(light.feedback, confidence=np.zeros_like(light.feedback.confidence))
    assert (unsure.shift(0, 3.0, light.interreflection, 0.2, 0.6, light.codes[0].shape) == BIAS).all()


def test_a_rehearsal_hears_of_it_too(light):
    trial = rehearse(light)
    shape = trial.light.codes[0].shape
    shift = shift_of(trial.light.feedback, 2.0, shape)
    assert shift.shape == shape
    whole = shift_of(light.feedback, 2.0, light.codes[0].shape)[trial.rows, trial.columns]
    assert np.abs(shift[0] - whole).mean() < 0.05 * np.ptp(whole)


def test_without_an_answer_there_is_none(room_pixels, region):
    assert read_light(room_pixels, region).feedback is None
