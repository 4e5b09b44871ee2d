"""NaN losses and gradients are reported at once, and do not reach the weights."""

from __future__ import annotations

import json
import warnings
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batches.batch import Batch
from wallpaint.train.faults.nan_guard import LossGuard, warn_of_batch
from wallpaint.train.loop import train
from wallpaint.train.trainer.checkpoint import find_checkpoint
from wallpaint.train.trainer.launch import launch
from wallpaint.train.trainer.run import Run


def test_a_damaged_sample_is_named_and_its_step_changes_nothing(config):
    run = Run.set_up(config("optimization.warmup_steps=0", walls="DamagedWalls"), None)
    batches, skipped = run.batches(), 0
    for step in range(4):
        before = {name: value.detach().clone() for name, value in run.models.trained().items()}
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", WallpaintWarning)
            result = run.run_step(step, batches)
        same = all(torch.equal(value, before[name]) for name, value in run.models.trained().items())
        notes = [str(note.message) for note in said if issubclass(note.category, WallpaintWarning)]
        assert same == bool(notes) == (not torch.isfinite(torch.tensor(result.loss)))
        assert all(note.startswith(f"step {step + 1}: the loss of wall-3 is NaN or infinite") for note in notes)
        assert all(torch.isfinite(value).all() for value in run.models.trained().values())
        assert all(torch.isfinite(value).all() for value in run.average.weights().values())
        skipped += same
    assert 1 <= skipped <= 3


def test_after_ten_the_run_ends_with_a_checkpoint_of_the_weights_before(config, output, final_weights):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)
        with pytest.raises(
            WallpaintError, match="10 steps had a NaN or infinite loss or gradient, the last for wall-3"
        ):
            train(config("optimization.max_steps=20", walls="RuinedWalls"))
    assert find_checkpoint("latest", output).name == "checkpoint-000010"
    assert all(torch.isfinite(value).all() for value in final_weights(output).values())
    lines = [json.loads(line) for line in (output / "training_log.jsonl").read_text().splitlines()]
    assert [line["loss"] for line in lines] == [None] * 10


def test_a_step_with_a_nan_gradient_is_skipped_too(config):
    run = Run.set_up(config("optimization.warmup_steps=0"), None)
    batches = run.batches()
    run.run_step(0, batches)
    before = {name: value.detach().clone() for name, value in run.models.trained().items()}
    parameter = next(iter(run.models.trained().values()))
    spoiled = parameter.register_hook(lambda gradient: gradient * torch.inf)
    with pytest.warns(WallpaintWarning, match="step 2: the gradient of wall-"):
        run.run_step(1, batches)
    spoiled.remove()
    assert all(torch.equal(value, before[name]) for name, value in run.models.trained().items())
    run.run_step(2, batches)
    assert not torch.equal(parameter, before[next(iter(before))])


@pytest.fixture
def with_a_scaler(monkeypatch):
    """Give runs a loss scaler, as fp16 on a GPU has one; the arithmetic stays float32."""

    def launch_with_scaler(config, before=None):
        precision, accelerator = launch(config, before)
        accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
        accelerator.native_amp = True
        accelerator.state._mixed_precision = "fp16"
        accelerator.autocast = nullcontext
        return precision, accelerator

    monkeypatch.setattr("wallpaint.train.trainer.run.launch", launch_with_scaler)


def overflowing(run, count=10**9):
    """Have the gradients of so many backward passes overflow."""
    left = [count]

    def spoil(gradient):
        left[0] -= 1
        return gradient * torch.inf if left[0] >= 0 else gradient

    next(iter(run.models.trained().values())).register_hook(spoil)


def test_a_step_that_the_scaler_skips_is_warned_of_once_and_counted(config, with_a_scaler):
    run = Run.set_up(config("optimization.warmup_steps=0", "optimization.ema_decay=0.9"), None)
    overflowing(run, 2)
    before = {name: value.detach().clone() for name, value in run.models.trained().items()}
    batches = run.batches()
    with pytest.warns(WallpaintWarning, match=r"step 1: the gradient overflows in fp16.*lowered to 32768"):
        run.run_step(0, batches)
    run.run_step(1, batches)
    assert all(torch.equal(value, before[name]) for name, value in run.models.trained().items())
    assert (run.guard.overflows, run.guard.in_a_row, run.guard.changed, run.guard.scale) == (2, 2, 0, 2.0**14)
    run.run_step(2, batches)
    assert (run.guard.overflows, run.guard.in_a_row, run.guard.changed) == (2, 0, 1)
    assert any(not torch.equal(value, before[name]) for name, value in run.models.trained().items())


@pytest.fixture
def always_overflowing(with_a_scaler, monkeypatch):
    really = Run.set_up

    def set_up(*given):
        run = really(*given)
        overflowing(run)
        return run

    monkeypatch.setattr(Run, "set_up", set_up)


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
@pytest.mark.parametrize(("steps", "done"), [(3, 3), (30, 20)])
def test_a_run_whose_every_gradient_overflows_ends_with_an_error(config, output, always_overflowing, steps, done):
    says = rf"the gradients of all {done} steps overflow in fp16.*mixed_precision=bf16 or no, or lower.*learning_rate"
    with pytest.raises(WallpaintError, match=says):
        train(config(f"optimization.max_steps={steps}", "optimization.batch_size=1"))
    assert find_checkpoint("latest", output).name == f"checkpoint-{done:06d}"


def test_a_run_with_many_overflowing_steps_warns_at_its_end():
    guard = LossGuard(overflows=2, changed=8)
    with pytest.warns(WallpaintWarning, match="2 of 10 steps changed nothing: their gradients overflow in fp16"):
        guard.warn_of_overflows()
    LossGuard(overflows=1, changed=2000).warn_of_overflows()
    LossGuard(changed=1).warn_of_overflows()


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
def test_a_short_run_whose_every_loss_is_nan_ends_with_an_error(config):
    with pytest.raises(
        WallpaintError, match="gradients of all 2 steps are NaN or infinite, so the weights do not change"
    ):
        train(config("optimization.max_steps=2", walls="RuinedWalls"))


def test_a_guard_that_skipped_nothing_has_an_error_for_skips_of_another_process():
    assert "loss or gradient. A checkpoint" in str(LossGuard().error())


def a_batch(**others):
    color = torch.tensor([[200, 50, 100]], dtype=torch.uint8)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., :8] = 1
    nothing = torch.zeros(1, 4, 2, 2)
    batch = Batch(
        latents=nothing,
        masked_latents=nothing,
        mask=nothing[:, :1],
        reference_embeds=[],
        depth=None,
        pixel_values=(color.float() / 127.5 - 1)[..., None, None].expand(1, 3, 16, 16),
        pixel_mask=mask,
        dominant_color=color,
        names=["attic"],
    )
    return replace(batch, **others)


def test_a_valid_batch_gives_no_warning():
    warn_of_batch(a_batch(), 1.0)


@pytest.mark.parametrize(
    ("others", "scale", "says"),
    [
        ({"pixel_mask": torch.zeros(1, 1, 16, 16)}, 1.0, "the mask of attic has fewer than 10 pixels"),
        ({}, 0.0, "the reference image has no effect"),
        (
            {"dominant_color": torch.tensor([[10, 50, 100]], dtype=torch.uint8)},
            1.0,
            "attic: the reference colour differs",
        ),
    ],
)
def test_each_fault_of_a_batch_gives_one_warning(others, scale, says):
    with pytest.warns(WallpaintWarning, match=says) as said:
        warn_of_batch(a_batch(**others), scale)
    assert len(said) == 1
