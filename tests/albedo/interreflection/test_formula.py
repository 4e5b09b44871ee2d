import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.albedo.interreflection.formula import paint_change, read_outputs, through_wall

SHARE = st.floats(0.0, 0.9)


def of_one(q, g):
    return float(through_wall(np.array(q), np.array(g)))


@given(q=SHARE)
def test_old_paint_changes_nothing(q):
    assert of_one(q, 1.0) == pytest.approx(1)


@given(q=SHARE, g=st.floats(0.01, 20), more=st.floats(1.01, 2))
def test_paler_paint_gives_more_light(q, g, more):
    assert of_one(q, g * more) > of_one(q, g)


@given(q=st.floats(0, 0.5), g=st.floats(0.05, 1.5))
def test_the_answer_is_the_sum_over_all_returns(q, g):
    returns = np.arange(400)
    assert of_one(q, g) == pytest.approx(g * ((q * g) ** returns).sum() / (q**returns).sum(), rel=1e-6)


@given(q=SHARE, change=st.floats(0.02, 30))
def test_the_walls_middle_changes_as_it_is_asked_to(q, change):
    g = paint_change(change, q)
    assert g * (1 - q) / (1 - q * g) == pytest.approx(change)


def test_numpy_and_torch_read_the_same_off_the_outputs():
    outputs, middle = torch.randn(2, 7, 16, 16), torch.rand(2, 3) + 0.01
    for trained, used in zip(read_outputs(outputs, middle), read_outputs(outputs.numpy(), middle.numpy()), strict=True):
        np.testing.assert_allclose(trained.numpy(), used, rtol=1e-5)


def test_a_dark_wall_feeds_little_back():
    outputs = np.zeros((7, 1, 1), np.float32)
    _, of_white, _ = read_outputs(outputs, np.full(3, 0.8, np.float32))
    _, of_black, _ = read_outputs(outputs, np.full(3, 0.02, np.float32))
    assert (of_black < 0.1 * of_white).all()
