"""Training adapters from scratch: a new IP-Adapter and colour tokens, together, through checkpoints and export."""

from __future__ import annotations

import json

import pytest
import tiny_ablation
import tiny_models
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

from wallpaint.diffusion import ModelSources, load_model
from wallpaint.diffusion.adapters.ip_adapter import projections
from wallpaint.errors import SettingError
from wallpaint.train import load_config
from wallpaint.train.loop import train

pytestmark = pytest.mark.filterwarnings("ignore:`log_with=")  # no tracker is wanted


@pytest.fixture
def trained(bare_base, two_rooms, tmp_path):
    """Trains two steps; the folder of what was exported."""

    def run(*overrides, resume=None, name="run"):
        folder = tmp_path / name
        own = (f"output={folder}", f"validation.folder={folder / 'validation'}")
        train(load_config(None, [*tiny_ablation.overrides(bare_base, two_rooms), *own, *overrides]), resume=resume)
        return folder / "final"

    return run


def test_both_are_trained_and_painted_with(trained, bare_base):
    final = trained()
    for file in ("ip_adapter.safetensors", "color_tokens.safetensors"):
        before, after = (load_file(folder / file) for folder in (final.parent / "checkpoint-000001", final))
        assert {name.partition(".")[0] for name in after} == {"image_proj", "ip_adapter"}
        changed = [name for name in after if not torch.equal(before[name], after[name])]
        assert {name.partition(".")[0] for name in changed} == {"image_proj", "ip_adapter"}
    model = load_model(ModelSources(bare_base, adapter=final), precision="fp32", device="cpu")
    assert model.reference_scales == [1, 1]
    stored = load_file(final / "color_tokens.safetensors")["image_proj.proj.weight"]
    assert torch.equal(projections(model.base.unet)[1].image_embeds.weight, stored)


@pytest.mark.filterwarnings("ignore:.*resumed with other settings")
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(trained):
    whole = trained(name="whole")
    trained("optimization.max_steps=1", name="halves")
    halves = trained(resume="latest", name="halves")
    for file in ("ip_adapter.safetensors", "color_tokens.safetensors"):
        one, other = load_file(whole / file), load_file(halves / file)
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_without_colour_tokens_there_is_no_file_of_them(trained, bare_base):
    final = trained("model.color_tokens=false")
    assert not (final / "color_tokens.safetensors").exists()
    model = load_model(ModelSources(bare_base, adapter=final), precision="fp32", device="cpu")
    assert model.reference_scales == [1]


def test_colour_tokens_are_trained_beside_a_frozen_ip_adapter(trained, bare_base):
    plus = tiny_models.plus_state_dict(tiny_models.tiny_unet())
    released = tiny_models.save_ip_adapter(plus, bare_base.parent / "released.safetensors")
    final = trained(f"model.ip_adapter={released}", "model.train=[lora]")
    assert sorted(file.name for file in final.glob("*.safetensors")) == [
        "color_tokens.safetensors",
        "kohya_lora.safetensors",
        "pytorch_lora_weights.safetensors",
    ]


def test_validation_during_training_passes_them_the_colour(trained):
    final = trained("validation.every=2")
    (metrics,) = (final.parent / "validation").glob("*_metrics.json")
    assert json.loads(metrics.read_text())["step"] == 2


def test_they_are_trained_in_half_precision_too(trained, monkeypatch):
    monkeypatch.setattr(AcceleratorState, "_shared_state", {})  # a process has one precision as a rule
    assert trained("optimization.mixed_precision=bf16", "validation.every=2").exists()


def test_a_new_ip_adapter_that_is_not_trained_is_refused(trained):
    with pytest.raises(SettingError, match=r"a new model\.ip_adapter is untrained"):
        trained("model.train=[lora]")
