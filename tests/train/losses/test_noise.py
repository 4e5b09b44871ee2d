from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.train.losses import masked_mse, mean_error


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture
def mask():
    mask = torch.zeros(2, 1, 4, 4, dtype=torch.float64)
    mask[0, :, :2] = 1
    mask[1, :, 1:3, 1:3] = 1
    return mask


def test_a_weight_of_one_is_the_plain_mean_squared_error(mask):
    predicted, target = random(2, 4, 4, 4), random(2, 4, 4, 4, seed=1)
    plain = torch.nn.functional.mse_loss(predicted, target, reduction="none").mean((1, 2, 3))
    torch.testing.assert_close(masked_mse(predicted, target, mask), plain)


def test_a_large_weight_counts_the_wall_alone(mask):
    predicted, target = mask.expand(-1, 4, -1, -1) * 2.0, torch.zeros(2, 4, 4, 4, dtype=torch.float64)
    torch.testing.assert_close(masked_mse(predicted, target, mask, 1e9), torch.full((2,), 4.0, dtype=torch.float64))


@given(st.floats(0.01, 100), st.floats(0.1, 3))
def test_a_constant_error_costs_the_same_at_any_weight(weight, error):
    mask = (random(2, 1, 4, 4) > 0).double()
    values = torch.full((2, 4, 4, 4), error, dtype=torch.float64)
    torch.testing.assert_close(masked_mse(values, torch.zeros_like(values), mask, weight), values[:, 0, 0, 0] ** 2)


def test_a_sample_without_wall_has_its_plain_error():
    predicted = random(1, 4, 4, 4)
    loss = masked_mse(predicted, torch.zeros_like(predicted), torch.zeros(1, 1, 4, 4), 7.0)
    torch.testing.assert_close(loss, predicted.square().mean()[None])


def test_the_mean_error_is_zero_for_errors_of_zero_mean(mask):
    error = torch.zeros(2, 4, 4, 4, dtype=torch.float64)
    error[0, :, 0], error[0, :, 1] = 1, -1
    error[1, :, 0] = 5  # not on its wall
    assert mean_error(error, mask, torch.tensor([0.5, 0.5])).values.abs().max() == 0


def test_the_mean_error_of_a_constant_error_is_its_square_in_clean_latents(mask):
    alphas = torch.tensor([0.9, 0.2], dtype=torch.float64)
    losses = mean_error(torch.full((2, 4, 4, 4), 0.1, dtype=torch.float64), mask, alphas)
    torch.testing.assert_close(losses.values, 0.01 * (1 - alphas) / alphas)
    assert losses.count == 2


def test_the_noisiest_timesteps_count_at_most_eight_times(mask):
    losses = mean_error(torch.ones(2, 4, 4, 4, dtype=torch.float64), mask, torch.tensor([0.0047, 1e-9]))
    assert losses.values.tolist() == [8, 8]


def test_the_mean_error_without_wall_is_zero_without_gradient_and_unmeasured(mask):
    error = random(2, 4, 4, 4).requires_grad_()
    mask[1] = 0
    losses = mean_error(error, mask, torch.tensor([0.5, 0.5]))
    losses.values[1].backward()
    assert losses.measured.tolist() == [True, False]
    assert losses.values[1] == 0
    assert error.grad.abs().max() == 0


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, m: masked_mse(p, random(2, 4, 4, 4, seed=2), m, 3.0),
        lambda p, m: mean_error(p, m, torch.tensor([0.7, 0.01])).values,
    ],
)
def test_gradients_are_those_of_finite_differences(loss, mask):
    assert torch.autograd.gradcheck(lambda p: loss(p, mask), random(2, 4, 4, 4).requires_grad_())
