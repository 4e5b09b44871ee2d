from __future__ import annotations

import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.train.mini.fitting import CHECKPOINT, FitSettings, fit

SETTINGS = FitSettings(steps=40, learning_rate=0.05, warmup=5, keep_every=10, average=0.9)


def linear_model():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 1)


def loss_of(model, stop_at=None):
    def loss(step, generator):
        if step == stop_at:
            raise KeyboardInterrupt
        points = torch.randn(64, 3, generator=generator)
        return (model(points)[:, 0] - points @ torch.tensor([1.0, -2.0, 0.5])).square().mean()

    return loss


def test_a_linear_model_is_fitted(tmp_path):
    model, calls = linear_model(), []
    fit(
        model,
        loss_of(model),
        FitSettings(steps=300, learning_rate=0.05, warmup=5),
        tmp_path,
        lambda *done: calls.append(done),
    )
    torch.testing.assert_close(model.weight[0], torch.tensor([1.0, -2.0, 0.5]), atol=0.02, rtol=0)
    assert [step for step, _ in calls] == list(range(1, 301))
    assert calls[-1][1] < 0.01 * calls[0][1]


@pytest.mark.parametrize("stop_at", [3, 17, 30])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, stop_at):
    whole, stopped = linear_model(), linear_model()
    fit(whole, loss_of(whole), SETTINGS, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(stopped, loss_of(stopped, stop_at), SETTINGS, tmp_path / "stopped")
    again = linear_model()
    fit(again, loss_of(again), SETTINGS, tmp_path / "stopped")
    assert torch.equal(whole.weight, again.weight)


def test_a_finished_run_is_not_run_again(tmp_path):
    model, again = linear_model(), linear_model()
    fit(model, loss_of(model), SETTINGS, tmp_path)
    fit(again, loss_of(again, stop_at=0), SETTINGS, tmp_path)
    assert torch.equal(model.weight, again.weight)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    model = linear_model()
    fit(model, loss_of(model), SETTINGS, tmp_path)
    with pytest.raises(WeightsError, match=CHECKPOINT):
        fit(model, loss_of(model), FitSettings(steps=41), tmp_path)


def test_the_rate_warms_up_holds_and_falls_to_a_hundredth():
    settings = FitSettings(steps=1000, learning_rate=1.0, warmup=100)
    assert settings.rate(0) == 0.01
    assert settings.rate(99) == settings.rate(399) == 1
    assert settings.rate(700) == pytest.approx(0.51)
    assert settings.rate(999) == pytest.approx(0.01, abs=1e-4)
