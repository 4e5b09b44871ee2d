from xml.etree import ElementTree

import numpy as np
import pytest

from wallpaint.evaluate import TARGETS, Validation

curves = pytest.importorskip("wallpaint.evaluate.validation.curves", reason="needs matplotlib")


def validation(step, raw, locked=1.0):
    values = {"val/lab_distance_mean": raw, "val/lab_distance_p95": 2 * raw, "val_locked/lab_distance_mean": locked}
    return Validation(step, values, [])


def is_picture(svg):
    return ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("steps", [[0], [0, 500], [0, 500, 20000]])
def test_a_curve_is_a_picture_of_any_number_of_validations(steps):
    validations = [validation(step, 40 - step / 1000) for step in steps]
    assert is_picture(curves.metric_curve(validations, "lab_distance", "LAB <distance>", TARGETS["lab_distance"]))


def test_equal_curves_are_equal_files_and_others_are_not():
    one, again, other = (curves.metric_curve([validation(5, raw)], "lab_distance", "LAB") for raw in (1, 1, 2))
    assert one == again != other


def test_targets_are_drawn():
    with_target = curves.metric_curve([validation(5, 1)], "lab_distance", "LAB", TARGETS["lab_distance"])
    assert with_target != curves.metric_curve([validation(5, 1)], "lab_distance", "LAB")


def test_what_was_never_measured_has_no_curve():
    assert curves.metric_curve([validation(5, 1)], "delta_e_2000_truth", "truth") is None
    assert curves.metric_curve([], "lab_distance", "LAB") is None
    assert curves.loss_curve({}) is None
    assert curves.loss_curve({1: np.nan}) is None


@pytest.mark.parametrize("count", [1, 2, 30, 20_000])
def test_a_loss_of_any_length_is_a_picture_of_bounded_size(count):
    svg = curves.loss_curve({step: 1 / (step + 1) for step in range(count)})
    assert is_picture(svg)
    assert len(svg) < 100_000


def test_a_running_mean_keeps_a_constant_and_smooths_noise():
    np.testing.assert_allclose(curves._running_mean(np.full(50, 0.3)), 0.3)
    noise = np.random.default_rng(0).normal(size=400)
    assert curves._running_mean(noise).std() < noise.std() / 3
