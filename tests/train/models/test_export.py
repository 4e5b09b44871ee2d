"""What a finished run hands on."""

from __future__ import annotations

import pytest
import torch
import yaml
from diffusers import StableDiffusionInpaintPipeline
from safetensors import safe_open
from safetensors.torch import load_file
from tiny_models import tiny_unet

from wallpaint.train import TrainingConfig
from wallpaint.train.loop import train


@pytest.fixture(scope="module")
def final(tiny_model, tmp_path_factory):
    from tiny_training import tiny_config

    torch.set_num_threads(1)
    output = tmp_path_factory.mktemp("exported") / "run"
    words = ("data.dataset_class=null", "data.path=null", "validation.every=4", "optimization.max_steps=4")
    return train(tiny_config(tiny_model, output, *words, "optimization.batch_size=2")).saved


def test_diffusers_loads_the_lora_with_its_alpha(final):
    unet = tiny_unet()
    state, alphas, metadata = StableDiffusionInpaintPipeline.lora_state_dict(final, return_lora_metadata=True)
    StableDiffusionInpaintPipeline.load_lora_into_unet(state, alphas, unet, metadata=metadata)
    [config] = unet.peft_config.values()
    assert config.r == 4
    assert config.lora_alpha == 6
    assert any(value.abs().sum() > 0 for name, value in unet.named_parameters() if "lora_B" in name)


def test_the_kohya_file_has_the_alpha(final):
    weights = load_file(final / "kohya_lora.safetensors")
    alphas = [value.item() for name, value in weights.items() if name.endswith(".alpha")]
    downs = [name for name in weights if name.endswith("lora_down.weight")]
    assert len(alphas) == len(downs) > 0
    assert set(alphas) == {6.0}
    with safe_open(final / "kohya_lora.safetensors", "pt") as file:
        assert file.metadata()["ss_network_alpha"] in ("6", "6.0")


def test_the_card_has_what_was_measured_and_how_it_was_trained(final):
    card = (final / "README.md").read_text()
    assert "4 steps of 2 samples" in card
    for metric in ("lab_distance", "hue_error", "delta_e_2000", "delta_e_2000_truth"):
        [row] = [line for line in card.splitlines() if line.startswith(f"| {metric} |")]
        painted, locked = (cell.strip() for cell in row.split("|")[2:4])
        assert float(painted) > 0
        assert float(locked) >= 0
    text = card.partition("```yaml\n")[2].partition("```")[0]
    assert TrainingConfig.model_validate(yaml.safe_load(text)).model.lora.alpha == 6


def test_the_card_of_a_run_without_validation_says_so(config):
    card = (train(config("optimization.max_steps=1")).saved / "README.md").read_text()
    assert "Not validated" in card


def test_only_what_was_trained_is_exported(config, tiny_model, tmp_path):
    for place, (part, files) in enumerate(
        {
            "lora": {"kohya_lora.safetensors", "pytorch_lora_weights.safetensors"},
            "ip_adapter_attention": {"ip_adapter.safetensors"},
            "controlnet": {"controlnet"},
        }.items()
    ):
        words = (f"model.train=[{part}]", f"model.controlnet={tiny_model / 'controlnet'}", "optimization.max_steps=1")
        folder = train(config(*words, f"output={tmp_path / str(place)}")).saved
        assert {path.name for path in folder.iterdir()} == {"README.md", *files}
