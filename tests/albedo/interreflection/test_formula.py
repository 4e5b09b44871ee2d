import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.albedo.interreflection.formula import decode_outputs, indirect_light_ratio, reflectance_ratio

SHARE = st.floats(0.0, 0.9)


def ratio(q, g):
    return float(indirect_light_ratio(np.array(q), np.array(g)))


@given(q=SHARE)
def test_old_paint_changes_nothing(q):
    assert ratio(q, 1.0) == pytest.approx(1)


@given(q=SHARE, g=st.floats(0.01, 20), more=st.floats(1.01, 2))
def test_paler_paint_returns_more_light(q, g, more):
    assert ratio(q, g * more) > ratio(q, g)


@given(q=st.floats(0, 0.5), g=st.floats(0.05, 1.5))
def test_the_ratio_is_that_of_the_sums_over_all_reflections(q, g):
    returns = np.arange(400)
    assert ratio(q, g) == pytest.approx(g * ((q * g) ** returns).sum() / (q**returns).sum(), rel=1e-6)


@given(q=SHARE, change=st.floats(0.02, 30))
def test_the_walls_median_changes_by_the_wanted_ratio(q, change):
    g = reflectance_ratio(change, q)
    assert g * (1 - q) / (1 - q * g) == pytest.approx(change)


def test_numpy_and_torch_decode_the_same_outputs():
    outputs, middle = torch.randn(2, 7, 16, 16), torch.rand(2, 3) + 0.01
    for trained, used in zip(
        decode_outputs(outputs, middle), decode_outputs(outputs.numpy(), middle.numpy()), strict=True
    ):
        np.testing.assert_allclose(trained.numpy(), used, rtol=1e-5)


def test_a_dark_wall_returns_little_light():
    outputs = np.zeros((7, 1, 1), np.float32)
    _, of_white, _ = decode_outputs(outputs, np.full(3, 0.8, np.float32))
    _, of_black, _ = decode_outputs(outputs, np.full(3, 0.02, np.float32))
    assert (of_black < 0.1 * of_white).all()
