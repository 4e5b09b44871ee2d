"""The scale of a DoRA."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import nn

from wallpaint.diffusion.adapters.dora import set_dora_scale

LAYERS = {"linear": nn.Linear(5, 3), "convolution": nn.Conv2d(5, 3, 3)}
INPUTS = {"linear": torch.randn(2, 5), "convolution": torch.randn(2, 5, 4, 4)}


@pytest.fixture(params=LAYERS)
def kind(request):
    return request.param


@pytest.fixture
def model(kind):
    torch.manual_seed(0)
    config = LoraConfig(r=2, target_modules=["0"], use_dora=True, init_lora_weights=False)
    return inject_adapter_in_model(config, nn.Sequential(LAYERS[kind]))


@pytest.mark.parametrize("scale", [0.0, 0.4, 1.5])
def test_the_output_is_interpolated_between_base_and_dora(model, kind, scale):
    base, dora = LAYERS[kind](INPUTS[kind]), model(INPUTS[kind])
    set_dora_scale(model[0], "default", scale)
    torch.testing.assert_close(model(INPUTS[kind]), base + scale * (dora - base))


def test_the_last_scale_applies(model, kind):
    whole = model(INPUTS[kind])
    set_dora_scale(model[0], "default", 0.4)
    set_dora_scale(model[0], "default", 0.2)
    set_dora_scale(model[0], "default", 1)
    assert torch.equal(model(INPUTS[kind]), whole)
