"""Faults of a training are told when they happen, and weights are kept from them."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import pytest
import torch

from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batches.batch import Batch
from wallpaint.train.trainer.checkpoint import find_checkpoint
from wallpaint.train.trainer.loop import train
from wallpaint.train.trainer.nan_guard import LossGuard, warn_of_batch
from wallpaint.train.trainer.run import Run


def test_a_damaged_sample_is_named_and_its_step_changes_nothing(config):
    run = Run.set_up(config("optimization.warmup_steps=0", walls="DamagedWalls"), None)
    batches, skipped = run.batches(), 0
    for step in range(4):
        before = {name: value.detach().clone() for name, value in run.models.trained().items()}
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", WallpaintWarning)
            result = run.take(step, batches)
        same = all(torch.equal(value, before[name]) for name, value in run.models.trained().items())
        notes = [str(note.message) for note in said if issubclass(note.category, WallpaintWarning)]
        assert same == bool(notes) == (not torch.isfinite(torch.tensor(result.loss)))
        assert all(note.startswith(f"step {step + 1}: the loss of wall-3 is no number") for note in notes)
        assert all(torch.isfinite(value).all() for value in run.models.trained().values())
        assert all(torch.isfinite(value).all() for value in run.average.weights().values())
        skipped += same
    assert 1 <= skipped <= 3


def test_after_ten_the_run_ends_with_a_checkpoint_of_the_weights_before(config, output, final_weights):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)
        with pytest.raises(
            WallpaintError, match="10 steps had a loss or gradient that is no number, the last for wall-3"
        ):
            train(config("optimization.max_steps=20", walls="RuinedWalls"))
    assert find_checkpoint("latest", output).name == "checkpoint-000010"
    assert all(torch.isfinite(value).all() for value in final_weights(output).values())
    lines = [json.loads(line) for line in (output / "training_log.jsonl").read_text().splitlines()]
    assert [line["loss"] for line in lines] == [None] * 10


def test_a_gradient_that_is_no_number_is_skipped_too(config):
    run = Run.set_up(config("optimization.warmup_steps=0"), None)
    batches = run.batches()
    run.take(0, batches)
    before = {name: value.detach().clone() for name, value in run.models.trained().items()}
    parameter = next(iter(run.models.trained().values()))
    spoiled = parameter.register_hook(lambda gradient: gradient * torch.inf)
    with pytest.warns(WallpaintWarning, match="step 2: the gradient of wall-"):
        run.take(1, batches)
    spoiled.remove()
    assert all(torch.equal(value, before[name]) for name, value in run.models.trained().items())
    run.take(2, batches)
    assert not torch.equal(parameter, before[next(iter(before))])


def test_a_guard_that_skipped_nothing_can_still_give_up_for_another_process():
    assert "no number. A checkpoint" in str(LossGuard().error())


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


def test_nothing_is_said_of_a_batch_that_is_in_order():
    warn_of_batch(a_batch(), 1.0)


@pytest.mark.parametrize(
    ("others", "scale", "says"),
    [
        ({"pixel_mask": torch.zeros(1, 1, 16, 16)}, 1.0, "the mask of attic is empty"),
        ({}, 0.0, "the model cannot see the reference"),
        ({"dominant_color": torch.tensor([[10, 50, 100]], dtype=torch.uint8)}, 1.0, "attic: its reference is not"),
    ],
)
def test_each_symptom_is_told_with_its_cause(others, scale, says):
    with pytest.warns(WallpaintWarning, match=says) as said:
        warn_of_batch(a_batch(**others), scale)
    assert len(said) == 1
