"""LoRA in a UNet: its layers, its effect on the prediction, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers import UNet2DConditionModel
from peft.tuners.lora.layer import LoraLayer
from tiny_lora import predict, randomize, unet_with_lora
from tiny_models import plus_state_dict, tiny_unet

from wallpaint.diffusion import sd15_config
from wallpaint.diffusion.adapters.lora import (
    LoraSettings,
    attach_lora,
    detach_lora,
    insert_lora,
    lora_parameters,
    lora_state_dict,
    lora_weights,
    merge_lora,
    set_lora_scale,
)
from wallpaint.errors import SettingError

PLAIN = LoraSettings(rank=4, alpha=6)
KINDS = {"plain": PLAIN, "rslora": replace(PLAIN, rslora=True), "dora": replace(PLAIN, dora=True)}
kinds = pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)


def names_of_lora(unet):
    return [name for name, module in unet.named_modules() if isinstance(module, LoraLayer)]


def test_stable_diffusion_at_rank_8_has_128_layers_and_1_594_368_parameters():
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(sd15_config("unet"))
        parameters = attach_lora(unet, LoraSettings())
    assert len(names_of_lora(unet)) == 128
    assert sum(parameter.numel() for parameter in parameters) == 1_594_368


@pytest.mark.parametrize("order", ["before", "after"])
def test_an_ip_adapter_loaded_before_or_after_has_no_lora(order):
    unet = tiny_unet()
    if order == "before":
        unet._load_ip_adapter_weights([plus_state_dict(unet)])
    parameters = attach_lora(unet, PLAIN)
    if order == "after":
        unet._load_ip_adapter_weights([plus_state_dict(unet)])
    names = names_of_lora(unet)
    assert names
    assert all(name.startswith(("down_blocks", "mid_block", "up_blocks")) for name in names)
    assert not any("_ip" in name for name in names)
    assert len(parameters) == 2 * len(names)
    before = predict(unet)
    randomize(unet)
    assert (predict(unet) - before).abs().max() > 0.01


@kinds
def test_a_new_lora_changes_nothing(settings):
    unet = tiny_unet()
    base = predict(unet)
    attach_lora(unet, settings)
    torch.testing.assert_close(predict(unet), base, atol=1e-6, rtol=0)


@kinds
def test_scale_0_disables_a_lora(settings):
    unet = unet_with_lora(settings)
    assert (predict(unet) - predict(tiny_unet())).abs().max() > 0.01
    set_lora_scale(unet, 0)
    torch.testing.assert_close(predict(unet), predict(tiny_unet()), atol=1e-6, rtol=0)


@kinds
def test_scale_1_restores_a_lora(settings):
    unet = unet_with_lora(settings)
    whole = predict(unet)
    set_lora_scale(unet, 0.3)
    assert (predict(unet) - whole).abs().max() > 1e-3
    set_lora_scale(unet, 1)
    assert torch.equal(predict(unet), whole)


@kinds
@pytest.mark.parametrize("scale", [1, 0.6])
def test_the_merged_unet_predicts_what_the_lora_did(settings, scale):
    unet = unet_with_lora(settings)
    set_lora_scale(unet, scale)
    attached = predict(unet)
    merge_lora(unet)
    torch.testing.assert_close(predict(unet), attached, atol=1e-4, rtol=0)


def test_the_merged_unet_has_no_lora_layers(tmp_path):
    unet = unet_with_lora()
    merge_lora(unet)
    assert unet.state_dict().keys() == tiny_unet().state_dict().keys()
    unet.save_pretrained(tmp_path)
    assert torch.equal(predict(UNet2DConditionModel.from_pretrained(tmp_path).eval()), predict(unet))
    attach_lora(unet, PLAIN)


@kinds
def test_detaching_restores_the_base(settings):
    unet, base = unet_with_lora(settings), tiny_unet().state_dict()
    detach_lora(unet)
    assert unet.state_dict().keys() == base.keys()
    assert all(torch.equal(value, base[name]) for name, value in unet.state_dict().items())


def test_detaching_without_lora_is_a_no_op():
    unet = tiny_unet()
    detach_lora(unet)
    assert torch.equal(predict(unet), predict(tiny_unet()))


@kinds
def test_only_the_lora_gets_gradients(settings):
    unet = tiny_unet().requires_grad_(False)
    parameters = attach_lora(unet, settings)
    randomize(unet)
    unet(torch.randn(1, 9, 8, 8), 10, torch.randn(1, 3, 32)).sample.square().mean().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in parameters)
    with_gradient = {id(parameter) for parameter in unet.parameters() if parameter.grad is not None}
    assert with_gradient == {id(parameter) for parameter in parameters}


def test_requires_grad_of_other_parameters_is_unchanged():
    unet = tiny_unet().requires_grad_(False)
    unet.conv_in.requires_grad_(True)
    parameters = attach_lora(unet, PLAIN)
    trainable = {id(parameter) for parameter in unet.parameters() if parameter.requires_grad}
    assert trainable == {id(parameter) for parameter in (*parameters, *unet.conv_in.parameters())}


@kinds
def test_in_a_bfloat16_unet_a_lora_is_float32(settings):
    unet = tiny_unet()
    unet.to(torch.bfloat16)
    base = predict(unet)
    parameters = attach_lora(unet, settings)
    assert {parameter.dtype for parameter in parameters} == {torch.float32}
    assert unet.conv_in.weight.dtype == torch.bfloat16
    torch.testing.assert_close(predict(unet), base, atol=1e-6, rtol=0)
    randomize(unet)
    assert (predict(unet) - base).abs().max() > 0.01


def test_an_inserted_lora_is_equal_bit_for_bit_and_frozen():
    weights = lora_weights(unet_with_lora(replace(PLAIN, dropout=0.25, rslora=True)))
    unet = tiny_unet()
    unet.to(torch.bfloat16)
    insert_lora(unet, weights)
    state, copied = weights.state_dict(), lora_state_dict(unet)
    assert state.keys() == copied.keys()
    assert all(torch.equal(state[name], copied[name]) for name in state)
    again = lora_weights(unet)
    assert (again.rslora, again.dropout) == (True, 0.25)
    assert not any(parameter.requires_grad for parameter in lora_parameters(unet))


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"rank": 0}, "rank cannot be 0"),
        ({"rank": 1.5}, "rank cannot be 1.5"),
        ({"rank": True}, "rank cannot be True"),
        ({"alpha": 0}, "alpha cannot be 0"),
        ({"alpha": float("inf")}, "alpha cannot be inf"),
        ({"alpha": "8"}, "alpha cannot be '8'"),
        ({"dropout": 1.0}, "dropout cannot be 1.0"),
        ({"dropout": -0.1}, "dropout cannot be -0.1"),
    ],
)
def test_settings_out_of_range_are_refused(fault, named):
    with pytest.raises(SettingError, match=named):
        LoraSettings(**fault)


@pytest.mark.parametrize("scale", [float("nan"), "1", None])
def test_a_scale_that_is_not_finite_is_refused(scale):
    with pytest.raises(SettingError, match="choose a finite number"):
        set_lora_scale(unet_with_lora(), scale)


def test_a_second_lora_is_refused():
    with pytest.raises(SettingError, match="already"):
        attach_lora(unet_with_lora(), PLAIN)


@pytest.mark.parametrize("use", [merge_lora, lora_weights, lora_state_dict])
def test_using_a_lora_needs_one(use):
    with pytest.raises(SettingError, match="has no LoRA"):
        use(tiny_unet())
