from __future__ import annotations

import pytest
import torch

from wallpaint.train.losses import SampleLosses, has_wall, masked_mean


def test_the_mean_is_over_masked_pixels_alone():
    values = torch.tensor([[[[1.0, 2.0], [30.0, torch.nan]]]])
    mask = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]])
    assert masked_mean(values, mask).item() == 1.5


def test_a_soft_mask_is_a_weight():
    values, mask = torch.tensor([[[[1.0, 4.0]]]]), torch.tensor([[[[1.0, 0.5]]]])
    assert masked_mean(values, mask).item() == 2.0


def test_the_mean_over_nothing_is_zero_without_gradient():
    values = torch.ones(2, 3, 2, 2, requires_grad=True)
    mask = torch.zeros(2, 1, 2, 2)
    masked_mean(values, mask).sum().backward()
    assert masked_mean(values, mask).abs().max() == 0
    assert values.grad.abs().max() == 0
    assert not has_wall(mask).any()


def test_unmeasured_samples_do_not_count_in_the_mean():
    losses = SampleLosses(torch.tensor([3.0, 0.0, 5.0]), torch.tensor([True, False, True]))
    assert losses.count == 2
    assert losses.mean() == 4
    assert losses.weighted(torch.tensor([1.0, 1.0, 0.2])).mean() == pytest.approx(2)


def test_the_mean_of_nothing_measured_is_zero():
    losses = SampleLosses(torch.zeros(2), torch.zeros(2, dtype=torch.bool))
    assert (losses.mean(), losses.count) == (0, 0)
