"""The weights of a LoRA: their factor, peft's configuration, and their shapes."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig
from tiny_models import plus_state_dict, tiny_unet

from wallpaint.diffusion.adapters.lora_files.read import fit_layer
from wallpaint.diffusion.adapters.lora_weights import LoraWeights, LowRankUpdate, adaptable_layers


def update(rank=2, alpha=3.0, outputs=4, inputs=5):
    return LowRankUpdate(torch.randn(rank, inputs), torch.randn(outputs, rank), alpha)


@pytest.mark.parametrize(("rslora", "factor"), [(False, 12 / 16), (True, 12 / 4)])
def test_the_factor_is_alpha_by_rank_or_by_its_root(rslora, factor):
    assert LoraWeights({"a": update(rank=16, alpha=12)}, rslora).factor("a") == factor


def test_the_peft_config_has_the_most_frequent_values_and_each_exception():
    config = LoraWeights({"a": update(), "b": update(), "c": update(rank=1), "d": update(alpha=1)}).config()
    assert (config["r"], config["rank_pattern"]) == (2, {"c": 1})
    assert (config["lora_alpha"], config["alpha_pattern"]) == (3, {"d": 1})
    assert LoraConfig(**config).target_modules == {"a", "b", "c", "d"}


def test_an_ip_adapter_has_no_layers_to_adapt():
    unet = tiny_unet()
    names = adaptable_layers(unet).keys()
    unet._load_ip_adapter_weights([plus_state_dict(unet)])
    assert adaptable_layers(unet).keys() == names


@pytest.mark.parametrize(
    ("layer", "down", "up"),
    [
        ("down_blocks.0.attentions.0.proj_in", (2, 16), (16, 2)),
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", (2, 16, 1, 1), (16, 2, 1, 1)),
        ("conv_out", (2, 16, 3, 3), (4, 2)),
    ],
)
def test_a_matrix_fits_a_1_by_1_convolution_and_the_reverse(layer, down, up):
    unet = tiny_unet()
    given = LowRankUpdate(torch.randn(down), torch.randn(up), 1.0)
    fitted = fit_layer(layer, given, unet.get_submodule(layer))
    assert fitted.down.shape[1:] == unet.get_submodule(layer).weight.shape[1:]
    assert fitted.up.ndim == fitted.down.ndim
    assert torch.equal(fitted.down.flatten(), given.down.flatten())
    assert torch.equal(fitted.up.flatten(), given.up.flatten())
