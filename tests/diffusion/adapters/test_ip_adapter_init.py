"""New adapters: in the layout of the release, with an effect from the first step."""

from __future__ import annotations

import pytest
import tiny_models
import torch

from wallpaint.diffusion import ModelSources, load_model
from wallpaint.diffusion.adapters.color_tokens import color_features
from wallpaint.diffusion.adapters.ip_adapter import load_ip_adapters, set_scales
from wallpaint.diffusion.adapters.ip_adapter_init import new_color_tokens, new_ip_adapter

FEATURES = 32


def drawn(unet, seed=0):
    generator = torch.Generator().manual_seed(seed)
    plus = new_ip_adapter(unet, FEATURES, tokens=4, hidden=128, generator=generator)
    return plus, new_color_tokens(unet, generator)


def predicted(unet, color=(200, 30, 40)):
    noisy = torch.linspace(-1, 1, 9 * 64).view(1, 9, 8, 8)
    words = torch.linspace(-1, 1, 7 * tiny_models.DIM).view(1, 7, -1)
    features = color_features(torch.tensor([color], dtype=torch.uint8))[:, None]
    picture = torch.linspace(-1, 1, 5 * FEATURES).view(1, 1, 5, -1)
    embeds = {"image_embeds": [picture, features]}
    with torch.no_grad():
        return unet(noisy, 500, words, added_cond_kwargs=embeds).sample


@pytest.fixture
def unet():
    return tiny_models.tiny_unet()


def test_they_load_like_released_ones_and_change_the_prediction_moderately(unet):
    plus, tokens = drawn(unet)
    load_ip_adapters(unet, {"plus": plus, "tokens": tokens})
    new = predicted(unet)
    set_scales(unet, [0, 0])
    disabled = predicted(unet)
    assert 0.1 * disabled.std() < (new - disabled).std() < disabled.std()


def test_their_attention_weights_are_those_of_the_text(unet):
    plus, tokens = drawn(unet)
    attention = next(unet.get_submodule(name[:-10]) for name in unet.attn_processors if "attn2" in name)
    for weights in (plus, tokens):
        assert torch.equal(weights["ip_adapter"]["1.to_k_ip.weight"], attention.to_k.weight)
        assert torch.equal(weights["ip_adapter"]["1.to_v_ip.weight"], attention.to_v.weight)


def test_the_generator_determines_them(unet):
    one, again, other = (drawn(unet, seed)[0]["image_proj"]["latents"] for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_base_without_an_adapter_can_be_painted_with_a_new_one(tiny_folder, own_folder):
    (own_folder / "ip_adapter.safetensors").unlink()
    model = load_model(ModelSources(own_folder, ip_adapter="new"), precision="fp32", device="cpu")
    assert model.reference_scales == [1]
