import math
import warnings

import colour
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.color import delta_e_76, delta_e_2000, hue_difference

LAB = st.tuples(st.floats(0, 100), st.floats(-100, 100), st.floats(-100, 100)).map(np.array)


def random_labs(count, seed):
    return np.random.default_rng(seed).uniform([0, -100, -100], [100, 100, 100], (count, 3))


def in_torch(*arrays_of_numbers):
    return [torch.tensor(array, dtype=torch.float64) for array in arrays_of_numbers]


# --- CIEDE2000 ------------------------------------------------------------------------------------------------------


def test_ciede2000_gives_all_34_published_values_to_four_decimals(published_pairs):
    lab_1, lab_2, published = published_pairs
    assert len(published) == 34
    np.testing.assert_allclose(delta_e_2000(lab_1, lab_2), published, rtol=0, atol=0.5001e-4)


def test_ciede2000_is_symmetric_on_the_published_pairs(published_pairs):
    lab_1, lab_2, published = published_pairs
    np.testing.assert_allclose(delta_e_2000(lab_2, lab_1), published, rtol=0, atol=0.5001e-4)


def test_colour_science_agrees_with_the_published_values_but_at_the_jump(published_pairs):
    lab_1, lab_2, published = published_pairs
    theirs = colour.delta_E(lab_1, lab_2, method="CIE 2000")
    opposite = 13  # hues exactly 180° apart: which way round the mean hue falls is left to rounding
    np.testing.assert_allclose(np.delete(theirs, opposite), np.delete(published, opposite), rtol=0, atol=1e-4)


def test_ciede2000_is_what_colour_science_computes():
    lab_1, lab_2 = random_labs(5000, 1), random_labs(5000, 2)
    np.testing.assert_allclose(delta_e_2000(lab_1, lab_2), colour.delta_E(lab_1, lab_2, method="CIE 2000"), atol=1e-9)


@given(LAB, LAB)
def test_ciede2000_is_symmetric_and_never_negative(lab_1, lab_2):
    forth, back = delta_e_2000(lab_1, lab_2), delta_e_2000(lab_2, lab_1)
    assert forth >= 0
    hues = np.degrees(np.arctan2([lab_1[2], lab_2[2]], [lab_1[1], lab_2[1]]))
    if abs(abs(hues[0] - hues[1]) - 180) > 1e-6:  # else the formula itself jumps
        assert forth == pytest.approx(back, abs=1e-9)


@given(LAB)
def test_a_colour_does_not_differ_from_itself(lab):
    assert delta_e_2000(lab, lab) == 0
    assert delta_e_76(lab, lab) == 0


def test_ciede2000_of_greys_is_lightness_over_its_weight():
    weight = 1 + 0.015 * (55 - 50) ** 2 / math.sqrt(20 + (55 - 50) ** 2)
    assert delta_e_2000(np.array([50.0, 0, 0]), np.array([60.0, 0, 0])) == pytest.approx(10 / weight)


# --- CIE76 ----------------------------------------------------------------------------------------------------------


def test_cie76_is_euclidean_distance():
    assert delta_e_76(np.array([50.0, 1, 2]), np.array([52.0, 4, 8])) == 7
    lab_1, lab_2 = random_labs(1000, 3), random_labs(1000, 4)
    np.testing.assert_allclose(delta_e_76(lab_1, lab_2), colour.delta_E(lab_1, lab_2, method="CIE 1976"), atol=1e-12)


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000, hue_difference])
def test_shapes_broadcast_and_lists_and_integers_are_taken(difference):
    image, one = random_labs(12, 5).reshape(3, 4, 3), [60, 20, 30]
    expected = [[difference(lab, np.array(one, float)) for lab in row] for row in image]
    np.testing.assert_array_equal(difference(image, one), expected)


# --- hue ------------------------------------------------------------------------------------------------------------


def lab_at(hue, chroma=40.0):
    return np.array([50.0, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))])


@given(st.floats(0, 360), st.floats(-720, 720))
def test_hue_difference_is_the_shorter_way_round(hue, turn):
    expected = abs((turn + 180) % 360 - 180)
    assert hue_difference(lab_at(hue), lab_at(hue + turn)) == pytest.approx(expected, abs=1e-6)


def test_359_and_1_degree_differ_by_2():
    assert hue_difference(lab_at(359), lab_at(1)) == pytest.approx(2)
    assert hue_difference(lab_at(1), lab_at(359)) == pytest.approx(2)
    assert hue_difference(lab_at(0), lab_at(180)) == pytest.approx(180)


def test_hue_difference_ignores_lightness_and_chroma():
    first, second = lab_at(10, 5), lab_at(70, 90)
    second[0] = 99
    assert hue_difference(first, second) == pytest.approx(60)


def test_a_near_grey_has_no_hue():
    assert math.isnan(hue_difference(lab_at(10, 2.99), lab_at(20)))
    assert math.isnan(hue_difference(lab_at(20), lab_at(10, 2.99)))
    assert hue_difference(lab_at(10, 3.01), lab_at(20)) == pytest.approx(10)
    assert hue_difference(lab_at(10, 1.0), lab_at(20), min_chroma=0.5) == pytest.approx(10)


# --- torch ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000, hue_difference])
def test_numpy_and_torch_agree(difference, published_pairs):
    pairs = [(random_labs(2000, 6), random_labs(2000, 7)), published_pairs[:2]]
    for lab_1, lab_2 in pairs:
        in_numpy = difference(lab_1, lab_2)
        tensors = difference(*in_torch(lab_1, lab_2))
        assert isinstance(tensors, torch.Tensor)
        assert tensors.dtype == torch.float64
        np.testing.assert_allclose(tensors.numpy(), in_numpy, rtol=0, atol=1e-6)


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000, hue_difference])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_is_kept(difference, dtype):
    lab = torch.tensor([50.0, 20, 30], dtype=dtype)
    assert difference(lab, lab + 1).dtype == dtype


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
def test_gradients_are_right(difference):
    lab_1, lab_2 = in_torch(random_labs(8, 8), random_labs(8, 9))
    assert torch.autograd.gradcheck(difference, (lab_1.requires_grad_(), lab_2.requires_grad_()))


GREY, BLACK, RED = [50.0, 0.0, 0.0], [0.0, 0.0, 0.0], [53.0, 80.0, 67.0]


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
@pytest.mark.parametrize(
    ("first", "second"),
    [(GREY, GREY), (BLACK, BLACK), (RED, RED), (GREY, RED), (RED, GREY), (GREY, [60.0, 0.0, 0.0]), (BLACK, RED)],
)
def test_gradients_are_finite_at_greys_black_and_equal_colours(difference, first, second):
    lab_1, lab_2 = (lab.requires_grad_() for lab in in_torch(first, second))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        difference(lab_1, lab_2).backward()
    assert torch.isfinite(lab_1.grad).all()
    assert torch.isfinite(lab_2.grad).all()
    if first != second:
        assert lab_1.grad.abs().max() > 0
