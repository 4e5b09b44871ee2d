"""Single files: the same weights as in a folder, and one-line errors for other files."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from wallpaint.diffusion.checkpoints.single_file import Checkpoint, is_single_file
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")

FIRST_LAYER = "model.diffusion_model.input_blocks.0.0.weight"


def without(weights, start):
    return {key: value for key, value in weights.items() if not key.startswith(start)}


@pytest.fixture
def lightning(monkeypatch):
    """The class whose name the releases of 2022 carry; it goes before they are read."""
    module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    module.ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": module.__name__})
    with monkeypatch.context() as present:
        for name in ("pytorch_lightning", "pytorch_lightning.callbacks"):
            present.setitem(sys.modules, name, types.ModuleType(name))
        present.setitem(sys.modules, module.__name__, module)
        yield module.ModelCheckpoint


@pytest.mark.parametrize("name", ["model.safetensors", "model.ckpt", "model.pt", "model.bin"])
def test_a_file_with_a_known_ending_is_a_single_file(tmp_path, name):
    path = tmp_path / name
    assert not is_single_file(path)
    path.touch()
    assert is_single_file(path)


def test_a_folder_and_another_file_are_no_single_files(tmp_path):
    (tmp_path / "folder.ckpt").mkdir()
    (tmp_path / "model.zip").touch()
    assert not is_single_file(tmp_path / "folder.ckpt")
    assert not is_single_file(tmp_path / "model.zip")


def test_parts_are_frozen_in_evaluation_mode_and_in_the_given_dtype(write_single_file, ldm_weights):
    halved = {key: value.half() for key, value in ldm_weights.items()}
    checkpoint = Checkpoint(write_single_file(halved))
    for part, dtype in (
        (checkpoint.unet(torch.bfloat16), torch.bfloat16),
        (checkpoint.vae(torch.bfloat16), torch.bfloat16),
        (checkpoint.text_encoder(), torch.float32),
    ):
        assert not part.training
        assert {(value.dtype, value.requires_grad) for value in part.parameters()} == {(dtype, False)}


def test_the_same_part_can_be_made_twice(write_single_file, ldm_weights):
    checkpoint = Checkpoint(write_single_file(ldm_weights))
    first, second = (checkpoint.vae(torch.float32).state_dict() for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_the_training_state_in_the_release_is_ignored(tmp_path, tiny_sd15, lightning, ldm_weights, monkeypatch):
    best = {"best_model_score": np.float64(0.5), "best_model_path": "last.ckpt"}
    path = tmp_path / "sd-v1-5-inpainting.ckpt"
    torch.save({"callbacks": {lightning: best}, "state_dict": ldm_weights, "loops": [lightning()]}, path)
    for name in [name for name in sys.modules if name.startswith("pytorch_lightning")]:
        monkeypatch.delitem(sys.modules, name)
    weight = Checkpoint(path).unet(torch.float32).conv_in.weight
    assert torch.equal(weight, ldm_weights[FIRST_LAYER])


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": {}, "hook": print}, path)
    with pytest.raises(WeightsError, match=r"model\.ckpt: unsafe: it contains Python objects \(print\)"):
        Checkpoint(path)


@pytest.mark.parametrize("name", ["model.safetensors", "model.ckpt"])
@pytest.mark.parametrize("length", [0, 5, 5000, -1000])
def test_a_file_cut_short_is_refused(write_single_file, ldm_weights, name, length):
    path = write_single_file(ldm_weights, name)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(
        WeightsError, match=r"(damaged, cut short|not a safetensors file, or it is damaged).*(Fetch|Get) it again"
    ) as e:
        Checkpoint(path)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("content", [[torch.ones(2)], torch.ones(2), {3: torch.ones(2)}])
def test_a_file_without_names_is_refused(tmp_path, content):
    path = tmp_path / "list.pt"
    torch.save(content, path)
    with pytest.raises(WeightsError, match=r"list\.pt: it contains no named weights"):
        Checkpoint(path)


@pytest.mark.parametrize(
    ("start", "part", "wanted"),
    [
        ("model.diffusion_model.", "UNet", lambda file: file.unet(torch.float32)),
        ("first_stage_model.", "VAE", lambda file: file.vae(torch.float32)),
        ("cond_stage_model.", "text encoder", lambda file: file.text_encoder()),
    ],
)
def test_a_part_that_is_not_in_the_file_is_named(write_single_file, ldm_weights, start, part, wanted):
    checkpoint = Checkpoint(write_single_file(without(ldm_weights, start)))
    with pytest.raises(MissingWeightsError, match=rf"model\.safetensors: no {part} of .+ Use a file with UNet"):
        wanted(checkpoint)


@pytest.mark.parametrize(
    ("key", "part", "wanted"),
    [
        ("model.diffusion_model.out.2.bias", "unet", lambda file: file.unet(torch.float32)),
        ("first_stage_model.decoder.conv_out.bias", "vae", lambda file: file.vae(torch.float32)),
        (
            "cond_stage_model.transformer.text_model.final_layer_norm.bias",
            "text encoder",
            lambda file: file.text_encoder(),
        ),
    ],
)
def test_a_part_with_a_missing_weight_is_refused(write_single_file, ldm_weights, key, part, wanted):
    checkpoint = Checkpoint(write_single_file(without(ldm_weights, key)))
    with pytest.raises(WeightsError, match=rf"its {part} cannot be loaded \(.*weights are missing"):
        wanted(checkpoint)


def test_a_file_of_another_width_is_refused(tmp_path, ldm_weights):
    path = tmp_path / "model.safetensors"
    save_file(ldm_weights, path)
    with pytest.raises(WeightsError, match=r"its unet cannot be loaded \(.*expected shape"):
        Checkpoint(path).unet(torch.float32)


def test_a_file_of_another_family_is_named(tmp_path, ldm_weights):
    path = tmp_path / "xl.safetensors"
    marker = "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias"
    save_file({**ldm_weights, marker: torch.zeros(4)}, path)
    with pytest.raises(WeightsError, match=r"not a model of Stable Diffusion 1\.5 but of xl_inpaint"):
        Checkpoint(path)
