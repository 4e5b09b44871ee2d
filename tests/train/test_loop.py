"""Whole runs."""

from __future__ import annotations

import json
from shutil import rmtree

import numpy as np
import pytest
import torch
from PIL import Image

from wallpaint.data import collate
from wallpaint.errors import SettingError, WallpaintWarning
from wallpaint.train.batches.batch import encode_batch
from wallpaint.train.loop import train
from wallpaint.train.trainer.run import Run
from wallpaint.train.trainer.step import draw_step_noise, training_step


def losses_of(output):
    return [json.loads(line)["loss"] for line in (output / "training_log.jsonl").read_text().splitlines()]


def test_the_same_seed_gives_the_same_run(config, tmp_path):
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        train(config("optimization.max_steps=3", f"seed={seed}", f"output={tmp_path / name}"))
    assert losses_of(tmp_path / "one") == losses_of(tmp_path / "again")
    assert losses_of(tmp_path / "one") != losses_of(tmp_path / "other")


def test_accumulated_batches_move_the_weights_by_their_mean(config, monkeypatch):
    run = Run.set_up(config("optimization.gradient_accumulation_steps=2", "optimization.max_grad_norm=null"), None)
    trained, felt = run.models.trained(), {}
    monkeypatch.setattr(run.optimizer, "step", lambda: felt.update({n: p.grad.clone() for n, p in trained.items()}))
    run.run_step(0, run.batches())
    batches = run.batches()
    for number in (0, 1):
        batch = encode_batch(run.models, collate([sample for _, sample in next(batches)]), run.cache)
        step_noise = draw_step_noise(
            run.models, run.config.objective, batch.latents.shape, run.config.seed, number, 0, 1
        )
        (training_step(run.models, run.denoiser, batch, step_noise, run.objective).total / 2).backward()
    for name, parameter in trained.items():
        torch.testing.assert_close(felt[name], parameter.grad, rtol=1e-4, atol=1e-6)


def test_each_step_is_reported_and_logged(config, output):
    reports = []
    train(config(), callback=reports.append)
    lines = [json.loads(line) for line in (output / "training_log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [report.step for report in reports] == [1, 2, 3, 4, 5, 6]
    assert [line["learning_rate"] for line in lines][:3] == pytest.approx([0, 1e-3, 2e-3])
    for line in lines:
        weighed = config().objective.mean_error_weight * line["mean_error"]
        assert line["loss"] == pytest.approx(line["noise"] + weighed, rel=1e-5)
        assert line["images_per_second"] > 0


def test_what_the_model_is_shown_is_saved(config, output):
    train(config("optimization.max_steps=1"), debug_references=3)
    folder = output / "debug"
    kinds = ("reference", "target", "masked", "mask")
    assert {path.name for path in folder.iterdir()} == {f"{kind}_{place}.png" for kind in kinds for place in range(3)}
    for place in range(3):
        target, mask, masked, reference = (
            np.asarray(Image.open(folder / f"{kind}_{place}.png")).astype(float)
            for kind in ("target", "mask", "masked", "reference")
        )
        wall = mask[..., 0] > 127
        assert np.abs(np.median(target[wall], 0) - np.median(reference, (0, 1))).max() < 8
        assert len(np.unique(masked[wall], axis=0)) == 1


def test_validation_during_training_changes_no_weights(config, tmp_path, final_weights):
    pytest.importorskip("matplotlib")
    words = ("data.dataset_class=null", "data.path=null", "optimization.batch_size=2", "optimization.max_steps=3")
    words += ("optimization.ema_decay=0.9", "model.lora={dropout: 0.2}")
    for name, every in (("without", 0), ("with", 2)):
        grids = tmp_path / name / "grids"
        train(config(*words, f"validation.every={every}", f"validation.folder={grids}", f"output={tmp_path / name}"))
    assert losses_of(tmp_path / "with") == losses_of(tmp_path / "without")
    one, other = (final_weights(tmp_path / name) for name in ("with", "without"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    measured = sorted((tmp_path / "with/grids").glob("*_metrics.json"))
    assert [path.name for path in measured] == ["step_000002_metrics.json", "step_000003_metrics.json"]
    assert all(json.loads(path.read_text())["aggregated_metrics"]["val/valid_samples"] == 2 for path in measured)


def test_a_run_in_half_precision_is_validated(config, output):
    words = ("data.dataset_class=null", "data.path=null", "optimization.max_steps=1", "optimization.batch_size=2")
    train(config(*words, "optimization.mixed_precision=bf16", "validation.every=1"))
    assert (output / "grids/step_000001_metrics.json").is_file()


@pytest.mark.parametrize("kind", ["bf16", "no"])
def test_a_run_in_each_precision_learns_finite_weights(config, output, kind, final_weights):
    train(config(f"optimization.mixed_precision={kind}", "optimization.gradient_checkpointing=true"))
    assert all(np.isfinite(losses_of(output)))
    assert all(value.isfinite().all() and value.dtype == torch.float32 for value in final_weights(output).values())


def test_half_precision_on_a_cpu_is_replaced_with_one_warning(config, output, monkeypatch):
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.warns(WallpaintWarning) as said:
        train(config("optimization.mixed_precision=auto", "optimization.max_steps=2"))
    assert len([note for note in said if issubclass(note.category, WallpaintWarning)]) == 1
    assert "fp16" in str(said[0].message)
    assert all(np.isfinite(losses_of(output)))


@pytest.mark.slow
def test_the_loss_falls(config, output):
    """In 150 steps on rooms that come with wallpaint, the error of random weights falls from 1.03 to about 0.95."""
    words = ("data.dataset_class=null", "data.path=null", "optimization.max_steps=150", "optimization.batch_size=8")
    train(config(*words, "model.lora={rank: 16, alpha: 16}", "objective.mean_error_weight=1"))
    noise = [json.loads(line)["noise"] for line in (output / "training_log.jsonl").read_text().splitlines()]
    assert np.mean(noise[-30:]) < 0.96 * np.mean(noise[:30])


def test_each_run_keeps_its_validations_and_a_new_one_mixes_with_none(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("optimization.max_steps=1", "optimization.batch_size=1", "validation.every=1", "validation.folder=null")
    train(config(*words, "output=out/one"))
    assert (tmp_path / "out/one/validation/step_000001_metrics.json").is_file()
    assert (tmp_path / "validation_grids").resolve() == tmp_path / "out/one/validation"
    rmtree("out/one/checkpoint-000001")
    with pytest.raises(SettingError, match=r"out/one/validation holds validations of an earlier run"):
        train(config(*words, "output=out/one"))
    with pytest.raises(SettingError, match=r"out/one/validation holds validations of an earlier run"):
        train(config(*words, "output=out/other", "validation.folder=out/one/validation"))


def test_a_new_run_does_not_add_to_the_log_of_one_that_left_no_checkpoint(config, output):
    output.mkdir()
    (output / "training_log.jsonl").write_text('{"step": 900, "loss": 9.0}\n')
    train(config("optimization.max_steps=1"))
    assert len(losses_of(output)) == 1
