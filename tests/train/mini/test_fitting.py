from __future__ import annotations

import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.train.mini.fitting import CHECKPOINT, FitSettings, fit

HOW = FitSettings(steps=40, learning_rate=0.05, warmup=5, keep_every=10, average=0.9)


def line():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 1)


def loss_of(model, stop_at=None):
    def loss(step, generator):
        if step == stop_at:
            raise KeyboardInterrupt
        points = torch.randn(64, 3, generator=generator)
        return (model(points)[:, 0] - points @ torch.tensor([1.0, -2.0, 0.5])).square().mean()

    return loss


def test_a_line_is_found(tmp_path):
    model, callback = line(), []
    fit(model, loss_of(model), FitSettings(steps=300, learning_rate=0.05, warmup=5), tmp_path, lambda *said: callback.append(said))
    torch.testing.assert_close(model.weight[0], torch.tensor([1.0, -2.0, 0.5]), atol=0.02, rtol=0)
    assert [step for step, _ in callback] == list(range(1, 301))
    assert callback[-1][1] < 0.01 * callback[0][1]


@pytest.mark.parametrize("stop_at", [3, 17, 30])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path, stop_at):
    whole, stopped = line(), line()
    fit(whole, loss_of(whole), HOW, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(stopped, loss_of(stopped, stop_at), HOW, tmp_path / "stopped")
    again = line()
    fit(again, loss_of(again), HOW, tmp_path / "stopped")
    assert torch.equal(whole.weight, again.weight)


def test_a_finished_run_is_not_run_again(tmp_path):
    model, again = line(), line()
    fit(model, loss_of(model), HOW, tmp_path)
    fit(again, loss_of(again, stop_at=0), HOW, tmp_path)
    assert torch.equal(model.weight, again.weight)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    model = line()
    fit(model, loss_of(model), HOW, tmp_path)
    with pytest.raises(WeightsError, match=CHECKPOINT):
        fit(model, loss_of(model), FitSettings(steps=41), tmp_path)


def test_the_rate_warms_up_holds_and_is_lowered_to_a_hundredth():
    how = FitSettings(steps=1000, learning_rate=1.0, warmup=100)
    assert how.rate(0) == 0.01
    assert how.rate(99) == how.rate(399) == 1
    assert how.rate(700) == pytest.approx(0.51)
    assert how.rate(999) == pytest.approx(0.01, abs=1e-4)
