from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import diffusers
import pytest
import torch
import transformers
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from wallpaint.diffusion.checkpoints.loading import complete, load_folder, quiet_libraries, readable
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")

PARTS = [
    (UNet2DConditionModel, "unet", "diffusion_pytorch_model.safetensors"),
    (CLIPTextModel, "text_encoder", "model.safetensors"),
]


def test_any_library_error_becomes_one_line_about_the_file():
    with pytest.raises(WeightsError) as caught, readable(Path("some/model.ckpt"), "checkpoint"):
        raise RuntimeError("the header is torn.\nAnd much more " + "about it " * 100)
    assert str(caught.value) == (
        "some/model.ckpt: its checkpoint cannot be loaded (the header is torn). If it is damaged, fetch it again."
    )


def test_an_error_without_message_is_named_by_its_class():
    with pytest.raises(WeightsError, match=r"cannot be loaded \(KeyError\)"), readable(Path("a"), "part"):
        raise KeyError


def test_our_own_errors_are_unchanged():
    ours = MissingWeightsError("a", "it is not here.")
    with pytest.raises(MissingWeightsError) as caught, readable(Path("b"), "part"):
        raise ours
    assert caught.value is ours


@pytest.mark.parametrize("library", [diffusers, transformers])
def test_the_libraries_log_again_after_loading(library):
    logging = library.utils.logging
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with suppress(RuntimeError), quiet_libraries():
        assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (logging.ERROR, False)
        raise RuntimeError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


def test_a_module_without_storage_is_not_complete():
    module = torch.nn.Linear(2, 2)
    assert complete(module) is module
    with pytest.raises(ValueError, match="2 weights are missing, weight first"):
        complete(module.to("meta"))


@pytest.mark.parametrize(("model", "part", "name"), PARTS)
def test_a_model_is_frozen_in_evaluation_mode_and_in_the_given_dtype(tiny_folder, model, part, name):
    loaded = load_folder(model, tiny_folder / part, torch.bfloat16)
    assert not loaded.training
    assert {(value.dtype, value.requires_grad) for value in loaded.parameters()} == {(torch.bfloat16, False)}


@pytest.mark.parametrize(("model", "part", "name"), PARTS)
def test_a_missing_weight_is_refused(own_folder, model, part, name):
    file = own_folder / part / name
    weights = load_file(file)
    dropped = min(weights)
    save_file({key: value for key, value in weights.items() if key != dropped}, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=rf"{part}: 1 weights of its model are missing \({dropped} first\)\. If"):
        load_folder(model, own_folder / part, torch.float32)


@pytest.mark.parametrize("length", [0, 5, 1000, -1])
@pytest.mark.parametrize(("model", "part", "name"), PARTS)
def test_weights_cut_short_are_refused(own_folder, model, part, name, length):
    file = own_folder / part / name
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(
        WeightsError, match=rf"{part}: its model cannot be loaded \(.+\)\. If it is damaged, fetch"
    ) as e:
        load_folder(model, own_folder / part, torch.float32)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(("model", "part", "name"), PARTS)
def test_weights_of_other_shapes_are_refused(own_folder, model, part, name):
    file = own_folder / part / name
    weights = load_file(file)
    changed = max(weights)
    save_file({**weights, changed: torch.zeros(3)}, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="cannot be loaded"):
        load_folder(model, own_folder / part, torch.float32)


@pytest.mark.parametrize(("model", "part", "name"), PARTS)
def test_a_folder_without_weights_is_refused(own_folder, model, part, name):
    (own_folder / part / name).unlink()
    with pytest.raises(MissingWeightsError, match=f"{part}: there are no weights of a model in this folder"):
        load_folder(model, own_folder / part, torch.float32)


def test_a_damaged_config_is_refused(own_folder):
    config = own_folder / "unet" / "config.json"
    config.write_text(config.read_text()[:40])
    with pytest.raises(WeightsError, match="not a valid JSON file"):
        load_folder(UNet2DConditionModel, own_folder / "unet", torch.float32)
