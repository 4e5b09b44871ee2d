"""Checkpoints: whole or not at all, and a run that goes on from one is the run that never stopped."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import stat
import warnings

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tiny_training import tiny_config

from wallpaint import Repainter
from wallpaint.diffusion import load_engine
from wallpaint.errors import MissingWeightsError, OutputError, SettingError, WallpaintWarning, WeightsError
from wallpaint.evaluate.validation.checkpoints import latest_checkpoint
from wallpaint.train.config.sections import OptimizationSection
from wallpaint.train.loop import train
from wallpaint.train.trainer.checkpoint import checkpoint_folder, find_checkpoint, is_intact, refuse_overwriting
from wallpaint.train.trainer.optimizer import apply_settings, make_optimizer, make_schedule

quietly = pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")

EVERY = ("checkpoints.every=2", "optimization.ema_decay=0.9")


def steps(output):
    return [int(folder.name.removeprefix("checkpoint-")) for folder in sorted(output.glob("checkpoint-*"))]


@pytest.fixture(scope="module")
def six_steps(tiny_model, tmp_path_factory):
    torch.set_num_threads(1)
    output = tmp_path_factory.mktemp("trained") / "run"
    assert train(tiny_config(tiny_model, output, *EVERY)).steps == 6
    return output


@pytest.fixture
def trained(six_steps, output):
    """A run of six steps, with checkpoints after 2, 4 and 6."""
    return shutil.copytree(six_steps, output)


def test_checkpoints_are_saved_at_the_interval_and_at_the_end(trained):
    assert steps(trained) == [2, 4, 6]
    assert not list(trained.glob(".*"))


def test_only_so_many_are_kept(config, output):
    train(config("checkpoints.every=1", "checkpoints.keep=2", "optimization.max_steps=3"))
    assert steps(output) == [2, 3]
    assert not list(output.glob(".*"))


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(trained, config, final_weights):
    whole = final_weights(trained)
    shutil.rmtree(checkpoint_folder(trained, 6))
    assert find_checkpoint("latest", trained).name == "checkpoint-000004"
    assert train(config(*EVERY), resume="latest").steps == 6
    again = final_weights(trained)
    assert whole.keys() == again.keys()
    assert any(name.startswith("average.") for name in whole)
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_with_nothing_to_go_on_from_a_run_starts_anew(config, output):
    assert train(config("optimization.max_steps=1"), resume="latest").steps == 1


def test_a_finished_run_that_is_resumed_is_exported_again(trained, config):
    shutil.rmtree(trained / "final")
    finished = train(config(*EVERY), resume="latest")
    assert finished.steps == 6
    assert (finished.saved / "pytorch_lora_weights.safetensors").is_file()


@pytest.mark.parametrize("harm", ["cut", "missing", "no state", "state cut"])
def test_a_torn_checkpoint_is_passed_over(trained, harm):
    last = checkpoint_folder(trained, 6)
    weights, state = last / "trained_weights.safetensors", last / "training_state.json"
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif harm == "missing":
        weights.unlink()
    elif harm == "no state":
        state.unlink()
    else:
        state.write_text(state.read_text()[:40])
    assert not is_intact(last)
    with pytest.warns(WallpaintWarning, match="checkpoint-000006: .*an earlier checkpoint is used"):
        assert find_checkpoint("latest", trained) == checkpoint_folder(trained, 4)
    with pytest.raises(MissingWeightsError, match="not an intact checkpoint"):
        find_checkpoint(str(last), trained)


def test_what_a_killed_run_left_unfinished_is_cleared_away(config, output):
    unfinished = output / ".checkpoint-000004.part"
    unfinished.mkdir(parents=True)
    (unfinished / "trained_weights.safetensors").write_bytes(b"half")
    assert find_checkpoint("latest", output) is None
    train(config("optimization.max_steps=1"))
    assert not unfinished.exists()


def test_a_run_that_is_there_is_not_overwritten(trained, config):
    with pytest.raises(SettingError, match=r"earlier run.* --resume latest"):
        train(config(*EVERY))


def test_a_run_does_not_go_on_from_before_its_end(trained, config, tmp_path):
    early = checkpoint_folder(trained, 2)
    with pytest.raises(SettingError, match="holds checkpoint-000006, which is later"):
        train(config(*EVERY), resume=str(early))
    refuse_overwriting(tmp_path / "elsewhere", early)
    assert train(config(*EVERY, f"output={tmp_path / 'elsewhere'}"), resume=str(early)).steps == 6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("model.train=[lora]", r"model\.train is \['lora'\], \[.*\] before"),
        ("model.lora={rank: 8, alpha: 6}", r"model\.lora\.rank is 8, 4 before"),
        ("optimization.optimizer=prodigy", r"optimization\.optimizer is prodigy, adamw before"),
        ("optimization.max_steps=5", r"6 steps are done, and optimization\.max_steps is 5\. Set it to 6 or more"),
    ],
)
def test_settings_that_a_resumed_run_cannot_change_are_refused_by_name(trained, config, change, says):
    with pytest.raises(SettingError, match=rf"checkpoint-000006: {says}"):
        train(config(*EVERY, change), resume="latest")


def test_a_checkpoint_whose_weights_differ_from_its_configuration_is_refused(trained, config):
    folder = checkpoint_folder(trained, 6)
    weights = load_file(folder / "trained_weights.safetensors")
    save_file({f"other.{name}": value for name, value in weights.items()}, folder / "trained_weights.safetensors")
    state = json.loads((folder / "training_state.json").read_text())
    del state["files"]["trained_weights.safetensors"]
    (folder / "training_state.json").write_text(json.dumps(state))
    with pytest.raises(WeightsError, match="trained other parts"):
        train(config(*EVERY), resume="latest")


def test_changed_settings_are_warned_of_and_take_effect(trained, config):
    words = ("optimization.max_steps=7", "seed=3", "optimization.learning_rate=0.5", "optimization.weight_decay=0.3")
    reports = []
    with pytest.warns(WallpaintWarning) as said:
        train(config(*EVERY, *words, "optimization.schedule=constant"), resume="latest", callback=reports.append)
    [note] = [str(each.message) for each in said if "other settings" in str(each.message)]
    assert "seed (0 before)" in note
    assert "optimization.learning_rate (0.002 before)" in note
    assert "optimization.schedule (cosine before)" in note
    assert "max_steps" not in note
    assert [report.learning_rate for report in reports] == [0.5]
    [group] = torch.load(checkpoint_folder(trained, 7) / "accelerate/optimizer.bin")["param_groups"]
    assert (group["lr"], group["weight_decay"]) == (0.5, 0.3)


def rates(config, trained, *words):
    reports = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)
        train(config(*EVERY, *words), resume="latest", callback=reports.append)
    return [report.learning_rate for report in reports]


def test_a_lengthened_schedule_continues_as_if_it_had_always_been_that_long(trained, config):
    assert rates(config, trained, "optimization.max_steps=8") == pytest.approx(
        [0.002 * (1 + math.cos(math.pi * (step - 2) / 6)) / 2 for step in (6, 7)]
    )


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_a_rate_taken_over_is_that_of_a_run_that_began_with_it(schedule):
    section = OptimizationSection(schedule=schedule, max_steps=9, warmup_steps=3, learning_rate=0.01, betas=(0.8, 0.9))
    weights = [torch.nn.Parameter(torch.ones(2))]
    whole = make_optimizer(weights, section)
    way = make_schedule(whole, section)
    for steps in range(1, 9):
        whole.step()
        way.step()
        resumed = make_optimizer(weights, OptimizationSection(learning_rate=7.0, max_steps=2))
        other = make_schedule(resumed, section)
        apply_settings(resumed, other, section, steps)
        assert other.get_last_lr() == way.get_last_lr()
        assert resumed.param_groups[0] | {"params": 0} == whole.param_groups[0] | {"params": 0}
        resumed.step()
        other.step()
        assert other.get_last_lr() == pytest.approx([0.01 * way.lr_lambdas[0](steps + 1)])


def test_an_average_can_be_turned_on_and_off_when_resuming(trained, config):
    whole = load_file(checkpoint_folder(trained, 6) / "trained_weights.safetensors")
    own = {name for name in whole if not name.startswith("average.")}
    with pytest.warns(WallpaintWarning, match=r"optimization\.ema_decay \(0\.9 before\)"):
        train(config("optimization.ema_decay=null", "optimization.max_steps=7"), resume="latest")
    assert load_file(checkpoint_folder(trained, 7) / "trained_weights.safetensors").keys() == own
    with pytest.warns(WallpaintWarning, match=r"optimization\.ema_decay \(None before\)"):
        train(config("optimization.ema_decay=0.5", "optimization.max_steps=8"), resume="latest")
    before, after = (load_file(checkpoint_folder(trained, step) / "trained_weights.safetensors") for step in (7, 8))
    for name in own:  # after 8 steps the warm-up of the average still holds: 8 / 18
        torch.testing.assert_close(after[f"average.{name}"], torch.lerp(before[name], after[name], 1 - 8 / 18))


@pytest.mark.parametrize("filling", [b"\xff", b"\0"])
def test_a_file_of_its_full_length_with_other_contents_is_damaged(trained, filling):
    file = checkpoint_folder(trained, 6) / "trained_weights.safetensors"
    file.write_bytes(filling * file.stat().st_size)
    with pytest.warns(WallpaintWarning, match=r"trained_weights.safetensors does not hold what was written"):
        assert find_checkpoint("latest", trained) == checkpoint_folder(trained, 4)


def test_a_checkpoint_of_an_earlier_version_has_sizes_only_and_is_still_read(trained, config):
    state = checkpoint_folder(trained, 6) / "training_state.json"
    known = json.loads(state.read_text())
    sizes = {name: about["size"] for name, about in known["files"].items()}
    state.write_text(json.dumps({**known, "files": sizes}))
    assert train(config(*EVERY), resume="latest").steps == 6
    state.write_text(json.dumps({**known, "files": {**sizes, "trained_weights.safetensors": 1}}))
    assert not is_intact(checkpoint_folder(trained, 6))


def empty_all(folder):
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"")


def zero_all(folder):
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "training_state.json":
            file.write_bytes(bytes(file.stat().st_size))


@quietly
@pytest.mark.parametrize("harm", [empty_all, zero_all])
def test_a_damaged_newer_checkpoint_costs_no_good_one(trained, config, harm):
    damaged = shutil.copytree(checkpoint_folder(trained, 6), checkpoint_folder(trained, 9))
    harm(damaged)
    with pytest.warns(WallpaintWarning, match="checkpoint-000009"):
        assert train(config(*EVERY, "checkpoints.keep=1", "optimization.max_steps=7"), resume="latest").steps == 7
    assert steps(trained) == [7, 9]
    with pytest.warns(WallpaintWarning, match="checkpoint-000009: .*an earlier checkpoint is used"):
        assert latest_checkpoint(trained) == checkpoint_folder(trained, 7)


def test_a_damaged_checkpoint_is_replaced_when_its_step_comes_again(trained, config):
    empty_all(checkpoint_folder(trained, 6))
    with pytest.warns(WallpaintWarning, match="checkpoint-000006"):
        train(config(*EVERY, "checkpoints.keep=1"), resume="latest")
    assert steps(trained) == [6]
    assert is_intact(checkpoint_folder(trained, 6))


def test_a_folder_that_cannot_be_synced_takes_checkpoints(config, output, monkeypatch):
    really = os.fsync

    def as_cifs(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        really(descriptor)

    monkeypatch.setattr(os, "fsync", as_cifs)
    train(config("optimization.max_steps=1"))
    assert is_intact(checkpoint_folder(output, 1))


def test_a_folder_that_cannot_be_opened_takes_checkpoints(config, output, monkeypatch):
    really = os.open

    def as_windows(path, flags, *more, **others):
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        if flags & os.O_ACCMODE == os.O_RDONLY and str(path).endswith(".safetensors"):
            raise OSError(errno.EBADF, "Bad file descriptor")  # of the sync that would follow
        return really(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", as_windows)
    train(config("optimization.max_steps=1"))
    assert is_intact(checkpoint_folder(output, 1))


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def by_torch(*_, **__):
    raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534")


def by_safetensors(*_, **__):
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


@quietly
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("torch.save", by_torch),
        ("wallpaint.train.trainer.checkpoint.save_file", by_safetensors),
        ("wallpaint.train.trainer.checkpoint.save_adapters", full_disk),
        ("wallpaint.train.trainer.checkpoint.sync", full_disk),
    ],
)
def test_a_full_disk_leaves_the_last_good_checkpoint(trained, config, monkeypatch, place, fault):
    monkeypatch.setattr(place, fault)
    with pytest.raises(
        OutputError, match=r"checkpoint-000008: it cannot be written \(.*Free disk space, and resume from "
    ):
        train(config(*EVERY, "checkpoints.keep=1", "optimization.max_steps=8"), resume="latest")
    assert steps(trained) == [2, 4, 6]
    assert not list(trained.glob(".*"))
    assert all(is_intact(checkpoint_folder(trained, step)) for step in (2, 4, 6))


@quietly
def test_a_full_disk_at_a_line_of_the_log_or_at_the_export_is_one_sentence(trained, config, monkeypatch):
    monkeypatch.setattr("wallpaint.train.models.export.export_kohya", by_safetensors)
    with pytest.raises(OutputError, match=r"final: it cannot be written \(the disk is full: [\d.]+ MB are free\)"):
        train(config(*EVERY), resume="latest")
    monkeypatch.setattr("wallpaint.train.trainer.run_log.RunLog.report", full_disk)
    with pytest.raises(OutputError, match="the disk is full"):
        train(config(*EVERY, "optimization.max_steps=7"), resume="latest")


@quietly
def test_other_errors_while_a_checkpoint_is_written_stay_themselves(trained, config, monkeypatch):
    def out_of_memory(*_, **__):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr("wallpaint.train.trainer.checkpoint.save_adapters", out_of_memory)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        train(config(*EVERY, "optimization.max_steps=8"), resume="latest")


def test_a_checkpoint_contains_the_settings_of_its_run(trained):
    state = json.loads((checkpoint_folder(trained, 4) / "training_state.json").read_text())
    assert state["step"] == 4
    assert state["mixed_precision"] == "no"
    assert "max_steps: 6" in state["config"]


def test_the_adapters_in_a_checkpoint_are_the_average_and_change_the_picture(
    trained, tiny_model, room_pixels, wall_alpha
):
    folder = latest_checkpoint(trained)
    stored = load_file(folder / "trained_weights.safetensors")
    [name] = [name for name in stored if name.startswith("unet.mid") and "attn2.to_q.lora_B" in name]
    written = load_file(folder / "pytorch_lora_weights.safetensors")
    [lora] = [value for name, value in written.items() if name.startswith("unet.mid") and "attn2.to_q.lora_B" in name]
    assert torch.equal(lora, stored[f"average.{name}"])
    assert not torch.equal(lora, stored[name])
    pictures = []
    for adapter in (None, folder):
        engine = load_engine(tiny_model, adapter=adapter, steps=2, depth=False, precision="fp32", device="cpu")
        pictures.append(Repainter(engine).open(room_pixels, wall_alpha).paint("#B9A08C").raw)
    assert not np.array_equal(*pictures)
