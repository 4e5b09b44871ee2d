"""Checkpoints: whole or not at all, and a run that goes on from one is the run that never stopped."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_training import tiny_config

from wallpaint import Repainter
from wallpaint.diffusion import load_engine
from wallpaint.errors import MissingWeightsError, SettingError, WallpaintWarning, WeightsError
from wallpaint.evaluate.validation.checkpoints import latest_checkpoint
from wallpaint.train.trainer.checkpoint import checkpoint_folder, find_checkpoint, is_whole, refuse_overwriting
from wallpaint.train.trainer.loop import train

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


def test_there_is_one_as_often_as_asked_and_at_the_end(trained):
    assert steps(trained) == [2, 4, 6]
    assert not list(trained.glob(".*"))


def test_only_so_many_are_kept(config, output):
    train(config("checkpoints.every=1", "checkpoints.keep=2", "optimization.max_steps=3"))
    assert steps(output) == [2, 3]
    assert not list(output.glob(".*"))


def test_a_run_that_goes_on_ends_as_one_that_was_never_stopped(trained, config, final_weights):
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


def test_a_finished_run_that_goes_on_is_exported_again(trained, config):
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
    assert not is_whole(last)
    assert find_checkpoint("latest", trained) == checkpoint_folder(trained, 4)
    with pytest.raises(MissingWeightsError, match="no whole checkpoint"):
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


def test_a_run_of_other_parts_is_not_gone_on_from(trained, config):
    with (
        pytest.warns(WallpaintWarning, match=r"model\.train"),
        pytest.raises(WeightsError, match="trained other parts"),
    ):
        train(config(*EVERY, "model.train=[lora]"), resume="latest")


def test_other_settings_are_told_and_taken(trained, config):
    words = ("optimization.max_steps=7", "seed=3", "optimization.learning_rate=0.5")
    with pytest.warns(WallpaintWarning) as said:
        train(config(*EVERY, *words), resume="latest")
    [note] = [str(each.message) for each in said if "other settings" in str(each.message)]
    assert "seed (0 before)" in note
    assert "optimization.learning_rate (0.002 before)" in note
    assert "max_steps" not in note


def test_a_damaged_checkpoint_is_one_sentence(trained, config):
    file = checkpoint_folder(trained, 6) / "trained_weights.safetensors"
    file.write_bytes(b"\xff" * file.stat().st_size)
    with pytest.raises(WeightsError, match="cannot be gone on from"):
        train(config(*EVERY), resume="latest")


def test_a_checkpoint_knows_its_run(trained):
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
