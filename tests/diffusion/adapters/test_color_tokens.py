"""Colour tokens: features of colours, their effect on the prediction, and files."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.diffusion import ModelSources, load_model
from wallpaint.diffusion.adapters.color_tokens import (
    COLOR_FEATURES,
    FILE,
    color_features,
    read_color_tokens,
    reads_color,
    save_color_tokens,
)
from wallpaint.diffusion.adapters.ip_adapter import load_ip_adapters, projections
from wallpaint.diffusion.adapters.ip_adapter_init import new_color_tokens
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")
color = st.tuples(*[st.integers(0, 255)] * 3)


def features_of(*colors):
    return color_features(torch.tensor(colors, dtype=torch.uint8))


@pytest.fixture
def unet():
    """A UNet with an IP-Adapter and colour tokens."""
    unet = tiny_models.tiny_unet()
    tokens = new_color_tokens(unet, torch.Generator().manual_seed(0))
    load_ip_adapters(unet, {"plus": tiny_models.plus_state_dict(unet), "tokens": tokens})
    return unet


def test_black_is_zeros_and_ones():
    black = features_of((0, 0, 0))[0]
    assert black.shape == (COLOR_FEATURES,)
    torch.testing.assert_close(black, torch.cat([torch.zeros(21), torch.ones(18)]), atol=1e-5, rtol=0)


def test_white_has_lightness_one_whose_angles_are_whole_quarters():
    white = features_of((255, 255, 255))[0]
    torch.testing.assert_close(white[:3], torch.tensor([1.0, 0, 0]), atol=1e-5, rtol=0)
    torch.testing.assert_close(white[3:9], torch.tensor([1.0, 0, 0, 0, 0, 0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(white[21:27], torch.tensor([0.0, -1, 1, 1, 1, 1]), atol=1e-4, rtol=0)


@given(color, color)
def test_features_of_distinguishable_colours_differ(one, other):
    first, second = features_of(one, other)
    lab_distance = 100 * float((first - second)[:3].norm())
    assert float((first - second).norm()) >= 0.03 * min(lab_distance, 10)


def test_bytes_and_fractions_of_a_colour_have_the_same_features():
    torch.testing.assert_close(color_features(torch.tensor([[51, 102, 255]]) / 255.0), features_of((51, 102, 255)))


def test_only_their_projection_reads_colour(unet):
    assert [reads_color(projection) for projection in projections(unet)] == [False, True]


def test_what_is_read_is_what_was_written(unet, tmp_path):
    save_color_tokens(unet, tmp_path / FILE, 1)
    again = tiny_models.tiny_unet()
    plus = tiny_models.plus_state_dict(again)
    load_ip_adapters(again, {"plus": plus, FILE: read_color_tokens(tmp_path / FILE)})
    for name, value in unet.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_a_plain_ip_adapter_is_not_accepted_as_colour_tokens(tmp_path):
    plain = tiny_models.plain_state_dict(tiny_models.tiny_unet(), features=COLOR_FEATURES)
    path = tiny_models.save_ip_adapter(plain, tmp_path / FILE)
    with pytest.raises(WeightsError, match="no colour tokens of this version"):
        read_color_tokens(path)
    with pytest.raises(MissingWeightsError, match="no such file"):
        read_color_tokens(tmp_path / "nowhere.safetensors")


@pytest.fixture
def folder(own_folder, unet):
    save_color_tokens(unet, own_folder / FILE, 1)
    return own_folder


def loaded(folder, **choices):
    return load_model(ModelSources(folder, **choices), precision="fp32", device="cpu", depth=False)


def picture(rgb):
    return np.full((20, 20, 3), rgb, np.uint8)


def test_the_colour_tokens_of_a_model_get_the_median_of_the_reference(folder):
    model = loaded(folder)
    speckled = picture((200, 30, 40))
    speckled[::3, ::3] = 255
    embeds = model.reference_embeds([speckled, picture((10, 20, 30))])
    assert [tuple(each.shape[:2]) for each in embeds] == [(2, 1), (2, 1)]
    torch.testing.assert_close(embeds[1][:, 0], features_of((200, 30, 40), (10, 20, 30)))


@torch.no_grad()
def test_the_prediction_depends_on_the_colour_through_its_tokens_and_their_scale(folder):
    def prediction(rgb, scale):
        model = load_model(
            ModelSources(folder),
            precision="fp32",
            device="cpu",
            depth=False,
            ip_adapter_scale=0.0,
            color_tokens_scale=scale,
        )
        noisy = torch.linspace(-1, 1, 9 * 64).view(1, 9, 8, 8)
        embeds = {"image_embeds": model.reference_embeds([picture(rgb)])}
        return model.base.unet(noisy, 500, model.prompt_embeds, added_cond_kwargs=embeds).sample

    assert not torch.allclose(prediction((200, 30, 40), 1.0), prediction((10, 200, 30), 1.0), atol=1e-5)
    assert torch.equal(prediction((200, 30, 40), 0.0), prediction((10, 200, 30), 0.0))


def test_with_an_adapter_without_colour_tokens_those_of_the_base_are_not_used(folder, unet, tmp_path):
    assert loaded(folder).reference_scales == [1, 1]
    adapter = tmp_path / "trained"
    adapter.mkdir()
    plus = tiny_models.plus_state_dict(tiny_models.tiny_unet())
    tiny_models.save_ip_adapter(plus, adapter / "ip_adapter.safetensors")
    without = loaded(folder, adapter=adapter)
    save_color_tokens(unet, adapter / FILE, 1)
    assert without.reference_scales == [1]
    assert loaded(folder, adapter=adapter).reference_scales == [1, 1]


def test_the_fingerprint_depends_on_the_colour_tokens(folder):
    with_tokens = loaded(folder).fingerprint
    (folder / FILE).unlink()
    assert loaded(folder).fingerprint != with_tokens
