"""A VAE that replaces a base's own: folders, files, and those that do not fit."""

from __future__ import annotations

import json

import pytest
import tiny_models
import torch
from diffusers import AutoencoderTiny
from ldm_layout import VAE, _vae_key
from safetensors.torch import save_file

from wallpaint.diffusion.checkpoints import vae as vae_module
from wallpaint.diffusion.checkpoints.base import load_base
from wallpaint.diffusion.checkpoints.vae import load_vae
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def other():
    """A VAE that is not the tiny model's own."""
    return tiny_models.tiny_vae(seed=11)


@pytest.fixture
def tiny_config(tiny_folder, monkeypatch):
    monkeypatch.setattr(vae_module, "sd15_folder", lambda part: tiny_folder / part)


def original_names(vae, prefix):
    return {
        prefix + _vae_key(name, vae): (value[:, :, None, None] if "attentions" in name and value.ndim == 2 else value)
        for name, value in vae.state_dict().items()
    }


def assert_same(loaded, expected):
    for name, value in expected.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


def test_a_folder_replaces_the_vae_of_a_base(other, tiny_folder, tmp_path):
    other.save_pretrained(tmp_path)
    base = load_base(tiny_folder, vae=tmp_path)
    assert_same(base.vae, other)
    assert not any(parameter.requires_grad for parameter in base.vae.parameters())


def test_the_folder_of_a_whole_model_has_a_vae(tiny_folder):
    assert_same(load_vae(tiny_folder), tiny_models.tiny_vae())


@pytest.mark.parametrize("prefix", ["", VAE], ids=["alone", "in a checkpoint"])
def test_a_file_with_the_original_names_is_read(other, prefix, tiny_config, tmp_path):
    more = {} if not prefix else {"model.diffusion_model.time_embed.0.weight": torch.zeros(2, 2)}
    save_file({**original_names(other, prefix), **more}, tmp_path / "vae.safetensors")
    assert_same(load_vae(tmp_path / "vae.safetensors"), other)


def test_a_file_with_the_names_of_diffusers_is_read(other, tiny_config, tmp_path):
    torch.save(other.state_dict(), tmp_path / "vae.pt")
    assert_same(load_vae(tmp_path / "vae.pt"), other)


def test_a_base_in_a_single_file_needs_no_vae_of_its_own(other, ldm_weights, write_single_file, tmp_path):
    file = write_single_file({name: value for name, value in ldm_weights.items() if not name.startswith(VAE)})
    other.save_pretrained(tmp_path / "vae")
    assert_same(load_base(file, vae=tmp_path / "vae").vae, other)


def test_one_of_sdxl_is_refused_by_the_scale_of_its_latents(other, tiny_folder, tmp_path):
    other.register_to_config(scaling_factor=0.13025)
    other.save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r"scaled by 0\.13025, not 4, scaled by 0\.18215"):
        load_base(tiny_folder, vae=tmp_path)


def test_a_tiny_autoencoder_is_refused(tmp_path):
    AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4).save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match="this is an AutoencoderTiny, not an AutoencoderKL"):
        load_vae(tmp_path)


def test_other_files_and_folders_are_refused(tmp_path):
    save_file({"unet.x.lora_A.weight": torch.zeros(2, 2)}, tmp_path / "lora.safetensors")
    with pytest.raises(WeightsError, match="there is no VAE in this file"):
        load_vae(tmp_path / "lora.safetensors")
    with pytest.raises(WeightsError, match="this is not a VAE"):
        load_vae(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKL"}))
    (tmp_path / "lora.safetensors").unlink()
    with pytest.raises(MissingWeightsError, match="no weights of a VAE"):
        load_vae(tmp_path)
