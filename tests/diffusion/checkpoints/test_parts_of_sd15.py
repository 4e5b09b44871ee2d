"""Bases that lack parts: a UNet alone, no VAE, no text encoder. Those of sd15 are used, if it is on this machine."""

from __future__ import annotations

import shutil

import pytest
import tiny_models
import torch
from ldm_layout import TEXT, UNET, VAE
from safetensors.torch import save_file

from wallpaint.diffusion.checkpoints import base as base_module
from wallpaint.diffusion.checkpoints.base import load_base
from wallpaint.diffusion.encoders.empty_prompt import empty_prompt_embeds, encode_empty_prompt
from wallpaint.errors import MissingWeightsError, WallpaintWarning

pytestmark = pytest.mark.usefixtures("no_network", "tiny_sd15")


@pytest.fixture
def sd15(tiny_folder, monkeypatch):
    """sd15 is on this machine: the tiny model."""
    monkeypatch.setattr(base_module, "find_model", lambda name: {"sd15": tiny_folder}[name])


@pytest.fixture
def no_sd15(monkeypatch):
    def find_model(name):
        raise MissingWeightsError(name, "it is not on this machine")

    monkeypatch.setattr(base_module, "find_model", find_model)


def of_unet(weights, prefix):
    """The UNet of a single file, with another prefix."""
    return {prefix + name.removeprefix(UNET): value for name, value in weights.items() if name.startswith(UNET)}


UNETS = {
    "the original names": lambda weights: of_unet(weights, UNET),
    "ComfyUI's prefix": lambda weights: of_unet(weights, "diffusion_model."),
    "no prefix": lambda weights: of_unet(weights, ""),
    "the names of diffusers": lambda _: tiny_models.tiny_unet().state_dict(),
}


@pytest.mark.parametrize("names", UNETS)
def test_a_unet_alone_in_a_file_is_completed(names, ldm_weights, sd15, tmp_path):
    save_file(UNETS[names](ldm_weights), tmp_path / "unet.safetensors")
    with pytest.warns(WallpaintWarning, match=r"unet\.safetensors: it has no VAE, so that of sd15 is used"):
        base = load_base(tmp_path / "unet.safetensors")
    for name, value in tiny_models.tiny_unet().state_dict().items():
        assert torch.equal(base.unet.state_dict()[name], value)
    for name, value in tiny_models.tiny_vae().state_dict().items():
        assert torch.equal(base.vae.state_dict()[name], value)


def empty_prompt():
    return encode_empty_prompt(tiny_models.tiny_text_encoder())


def test_a_folder_without_vae_and_text_encoder_is_completed(own_folder, sd15):
    for part in ("vae", "text_encoder"):
        shutil.rmtree(own_folder / part)
    for stored in own_folder.glob("zero_prompt*"):
        stored.unlink()
    with pytest.warns(WallpaintWarning, match="it has no VAE"):
        load_base(own_folder)
    with pytest.warns(WallpaintWarning, match="it has no text encoder"):
        assert torch.equal(empty_prompt_embeds(own_folder), empty_prompt())


def test_a_file_without_text_encoder_has_the_empty_prompt_of_sd15(ldm_weights, sd15, write_single_file):
    file = write_single_file({name: value for name, value in ldm_weights.items() if not name.startswith(TEXT)})
    with pytest.warns(WallpaintWarning, match="it has no text encoder, so that of sd15 is used"):
        embeds = empty_prompt_embeds(file)
    assert torch.equal(embeds, empty_prompt())


def test_without_sd15_the_command_that_fetches_it_is_given(ldm_weights, no_sd15, write_single_file):
    file = write_single_file({name: value for name, value in ldm_weights.items() if not name.startswith(VAE)})
    with pytest.raises(MissingWeightsError, match=r"it has no VAE\. .*: wallpaint models pull sd15$"):
        load_base(file)
