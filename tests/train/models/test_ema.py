from __future__ import annotations

import pytest
import torch

from wallpaint.train.models.ema import MovingAverage


@pytest.fixture
def weight():
    return torch.nn.Parameter(torch.tensor([4.0, -2.0]))


def test_the_average_is_the_recursion_by_hand(weight):
    average = MovingAverage({"w": weight}, 0.5)
    expected = weight.detach().clone()
    for step, value in enumerate((1.0, 3.0, -5.0) * 5, start=1):
        with torch.no_grad():
            weight.fill_(value)
        average.update(step)
        decay = min(0.5, step / (step + 10))
        expected = decay * expected + (1 - decay) * weight.detach()
    torch.testing.assert_close(average.weights()["w"], expected)


def test_weights_that_stay_are_their_own_average(weight):
    average = MovingAverage({"w": weight}, 0.99)
    for step in range(1, 20):
        average.update(step)
    assert torch.equal(average.weights()["w"], weight.detach())


def test_the_average_is_in_place_only_for_a_while(weight):
    average = MovingAverage({"w": weight}, 0.9)
    with torch.no_grad():
        weight.fill_(7)
    average.update(1)
    own, averaged = weight.detach().clone(), average.weights()["w"].clone()
    with average.in_place():
        assert torch.equal(weight.detach(), averaged)
    assert torch.equal(weight.detach(), own)
    assert torch.equal(average.weights()["w"], averaged)


def test_a_stored_average_continues_as_if_uninterrupted(weight):
    one, other = MovingAverage({"w": weight}, 0.9), MovingAverage({"w": weight}, 0.9)
    with torch.no_grad():
        weight.fill_(7)
    one.update(1)
    other.load({name: value.clone() for name, value in one.weights().items()})
    for average in (one, other):
        average.update(2)
    assert torch.equal(one.weights()["w"], other.weights()["w"])
    with pytest.raises(KeyError):
        other.load({})
