"""A new ControlNet: fits its UNet, has zero output, and is a copy of the UNet's encoder."""

from __future__ import annotations

import pytest
import tiny_models
import torch
from diffusers import UNet2DConditionModel

from wallpaint.diffusion import sd15_config
from wallpaint.diffusion.adapters.controlnet import load_depth_controlnet
from wallpaint.diffusion.adapters.controlnet_init import new_controlnet
from wallpaint.train.mini.models import mini_unet


@pytest.fixture(scope="module")
def unet():
    return tiny_models.tiny_unet()


def looked(controlnet, depth):
    generator = torch.Generator().manual_seed(0)
    latents, tokens = torch.randn(1, 4, 8, 8, generator=generator), torch.zeros(1, 3, tiny_models.DIM)
    with torch.inference_mode():
        return controlnet(latents, torch.tensor([500]), tokens, controlnet_cond=depth, return_dict=False)


def test_its_output_is_zero_at_first(unet):
    down, middle = looked(new_controlnet(unet), torch.rand(1, 3, 64, 64))
    assert len(down) > 1
    assert all((word == 0).all() for word in (*down, middle))


def test_it_can_be_saved_and_loaded_for_its_unet(unet, tmp_path):
    controlnet = new_controlnet(unet)
    controlnet.save_pretrained(tmp_path)
    loaded = load_depth_controlnet(tmp_path, unet)
    for name, value in controlnet.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


def test_it_is_a_copy_of_the_encoder_without_mask_and_masked_photo(unet):
    controlnet, own = new_controlnet(unet), unet.state_dict()
    assert controlnet.config.in_channels == 4
    assert torch.equal(controlnet.conv_in.weight, own["conv_in.weight"][:, :4])
    copied = {
        n: v for n, v in controlnet.state_dict().items() if n.startswith(("down_blocks", "mid_block", "time_emb"))
    }
    assert copied
    assert all(torch.equal(value, own[name]) for name, value in copied.items())


def test_the_seed_determines_it_and_the_global_generator_is_unchanged(unet):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    hints = [new_controlnet(unet, seed).controlnet_cond_embedding.conv_in.weight for seed in (0, 0, 1)]
    assert torch.rand(1) == expected
    assert torch.equal(hints[0], hints[1])
    assert not torch.equal(hints[0], hints[2])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_is_float32_whatever_the_dtype_of_the_base(dtype):
    controlnet = new_controlnet(tiny_models.tiny_unet().to(dtype))
    assert {value.dtype for value in controlnet.parameters()} == {torch.float32}


def test_the_layers_that_read_depth_are_as_wide_as_in_the_release_and_narrower_for_narrower_unets():
    config = {**sd15_config("unet"), "block_out_channels": (320,), "down_block_types": ("DownBlock2D",)}
    config |= {"up_block_types": ("UpBlock2D",), "mid_block_type": "UNetMidBlock2D", "layers_per_block": 1}
    released = UNet2DConditionModel.from_config(config)
    assert new_controlnet(released).config.conditioning_embedding_out_channels == (16, 32, 96, 256)
    assert new_controlnet(mini_unet()).config.conditioning_embedding_out_channels == (8, 8, 24, 56)


@pytest.mark.parametrize("seed", range(3))
def test_the_input_of_the_zero_layer_depends_on_the_depth_map(seed):
    hint, inputs = new_controlnet(mini_unet(), seed).controlnet_cond_embedding, []
    hint.conv_out.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    ramp = torch.linspace(0, 1, 128).expand(1, 3, 128, 128)
    with torch.inference_mode():
        hint(torch.cat([ramp, ramp.mT]))
    assert (inputs[0][0] - inputs[0][1]).std() > 0.05
